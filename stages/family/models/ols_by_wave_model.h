#pragma once

#include <memory>

#include "stages/family/model.h"

namespace kinflow::family {

std::unique_ptr<Model> MakeOlsByWave();

}  // namespace kinflow::family
