#pragma once

#include <Eigen/Core>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/mixed/mixed_fit.h"
#include "stages/family/mixed/random_effects.h"

namespace kinflow::family {

/// Conditional means (BLUPs) of the random effects of a fitted model: of each block a matrix with a
/// row a level and a column an effect.
std::vector<Eigen::MatrixXd> EffectValues(const Design& design, const RandomDesign& random,
                                          const MixedFit& fit);

}  // namespace kinflow::family
