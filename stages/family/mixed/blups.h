#pragma once

#include <Eigen/Core>
#include <vector>

#include "stages/family/mixed/mixed_fit.h"
#include "stages/family/results.h"

namespace kinflow::family {

/// Predicted effects of one block (BLUPs, conditional modes): q x levels.
struct BlockBlups {
  Eigen::MatrixXd value;
  Eigen::MatrixXd sd;  // conditional, fixed effects and variances taken as known (lme4's condVar)
};

/// Of every block, in their order. The levels must be independent (no relatives).
std::vector<BlockBlups> PredictRandomEffects(const Design& design, const RandomDesign& random,
                                             const MixedFit& fit);

/// The same as a table, a row a level and effect; `rows` are those of the frame that were used.
Table BlupTable(const RowKey& key, const ModelFrame& frame, const std::vector<uint32_t>& rows,
                const Design& design, const RandomDesign& random, const MixedFit& fit);

}  // namespace kinflow::family
