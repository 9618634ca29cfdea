#pragma once

#include <memory>

#include "stages/family/model.h"

namespace kinflow::family {

/// Spatial autocorrelation of area means and of the areas' effects in a mixed model.
std::unique_ptr<Model> MakeSpatial();

}  // namespace kinflow::family
