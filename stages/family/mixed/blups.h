#pragma once

#include <Eigen/Core>
#include <vector>

#include "stages/family/mixed/mixed_fit.h"

namespace kinflow::family {

/// Predicted effects of one block (BLUPs, conditional modes): q x levels.
struct BlockBlups {
  Eigen::MatrixXd value;
  Eigen::MatrixXd sd;  // conditional, fixed effects and variances taken as known (lme4's condVar)
};

/// Of every block, in their order. The levels must be independent (no relatives).
std::vector<BlockBlups> PredictRandomEffects(const Design& design, const RandomDesign& random,
                                             const MixedFit& fit);

}  // namespace kinflow::family
