#pragma once

#include <memory>

#include "stages/family/model.h"

namespace kinflow::family {

/// Indirect effects of an exposure through a mediator, by two least-squares regressions.
std::unique_ptr<Model> MakeMediation();

}  // namespace kinflow::family
