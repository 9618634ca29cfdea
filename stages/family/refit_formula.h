#pragma once

#include <string>

#include "stages/family/model.h"

namespace kinflow::family {

/// A model's formula as R can fit it over the same rows: without terms of a factor that has one
/// level there, at which lm() and others stop, where what is left holds the same. `wave`: of the
/// rows; "NA" = all.
std::string FormulaInR(const std::string& formula, const std::string& wave, const ModelFrame& frame,
                       const ModelSpec& spec);

}  // namespace kinflow::family
