#pragma once

#include <vector>

#include "stages/family/design.h"
#include "stages/family/model.h"

namespace kinflow::family {

/// Adds the column of the spec's second cluster, if it names one, to the design of `rows`.
void AddSecondCluster(const ModelFrame& frame, const ModelSpec& spec,
                      const std::vector<uint32_t>& rows, Design& design);

/// Adds a fault if it stands without a first one, or beside covariances that have no two ways.
void CheckSecondCluster(const ModelSpec& spec, bool clustered, std::vector<Error>& errors);

}  // namespace kinflow::family
