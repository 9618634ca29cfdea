#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stages/family/model.h"

namespace kinflow::family {

std::unique_ptr<Model> MakePtdt();

/// The fault of a formula that is not "outcome ~ a score's mother + father + child", roles as the
/// frame has them; none of a good one.
std::optional<Error> FaultOfTrioScores(const Formula& formula, const ModelFrame& roles);

/// Columns of the scores of child, mother and father in a formula without such a fault.
std::vector<std::string> TrioColumns(const Formula& formula, const ModelFrame& roles);

/// Codes of whose children the rows of a frame are: mothers, else clusters; empty = not known.
const std::vector<int64_t>& FamiliesOf(const ModelFrame& frame);

}  // namespace kinflow::family
