#pragma once

#include <memory>

#include "stages/family/model.h"

namespace kinflow::family {

/// Any path model, from its statements.
std::unique_ptr<Model> MakeSem();
/// Random-intercept cross-lagged panel models of two variables and their variants.
std::unique_ptr<Model> MakeRiclpm();

}  // namespace kinflow::family
