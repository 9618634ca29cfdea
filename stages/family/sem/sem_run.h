#pragma once

#include <string>
#include <vector>

#include "stages/family/model.h"
#include "stages/family/sem/variants.h"

namespace kinflow::family {

/// The one name in ModelSpec::vcov beside that of the model.
inline constexpr const char* kRobust = "robust";

/// Fits path models on the same variables and tests each later one against the first. `kind`: name
/// in the registry; `groups`: how many parts of the variables no row has together.
Results RunPathModels(const ModelFrame& frame, const ModelSpec& spec, const std::string& kind,
                      std::vector<Variant> variants, size_t groups = 1);

}  // namespace kinflow::family
