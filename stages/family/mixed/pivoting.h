#pragma once

#include <Eigen/Core>
#include <optional>

#include "stages/family/mixed/centring.h"

namespace kinflow::family {

/// The same model with the effects of each block by falling variance at `theta`, for effects in
/// units in which they compare; nothing if they stand so already. With L the lower triangle of
/// their covariance: where the first effect has next to no variance, the rows of the others can be
/// turned with next to no change of L L', and the minimum lies in a ring-shaped valley. A factor
/// that is pivoted has none.
std::optional<CentredEffects> ByFallingVariance(const CentredEffects& effects,
                                                const Eigen::VectorXd& theta);

}  // namespace kinflow::family
