#pragma once

#include <memory>

#include "stages/family/model.h"

namespace kinflow::family {

/// Groups of people over waves: mixed model and mixed analysis of variance of group x wave.
std::unique_ptr<Model> MakeGroupWaves();

}  // namespace kinflow::family
