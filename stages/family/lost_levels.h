#pragma once

#include <string>
#include <vector>

#include "stages/family/model.h"

namespace kinflow::family {

/// A warning for each factor of the full model of which levels have no complete row, so that
/// nothing of them is in the results: how many levels and rows, and the names of those that many
/// people share. `all_factors`: a kind of
/// model that takes numbers as factors too.
std::vector<std::string> LostLevels(const ModelFrame& frame, const ModelSpec& spec,
                                    bool all_factors);

}  // namespace kinflow::family
