#pragma once

#include <memory>
#include <optional>

#include "stages/family/model.h"

namespace kinflow::family {

std::unique_ptr<Model> MakePtdt();

/// The fault of a formula that is not "outcome ~ a score's mother + father + child", roles as the
/// frame has them; none of a good one.
std::optional<Error> FaultOfTrioScores(const Formula& formula, const ModelFrame& roles);

}  // namespace kinflow::family
