#pragma once

#include <string>
#include <vector>

#include "stages/family/mixed/mixed_fit.h"
#include "stages/family/mixed/random_effects.h"
#include "stages/family/results.h"

namespace kinflow::family {

/// Variances and covariances of a fit's random effects, and its residual variance, for `varcomp`.
void AddVarianceComponents(const RowKey& key, const RandomDesign& random, const MixedFit& fit,
                           std::vector<VarcompRow>& out);

/// What a singular fit's warning says.
inline constexpr const char* kSingularFit =
    "singular fit: a variance is zero or a correlation is 1 (table varcomp); a simpler random part "
    "fits as well";

/// True if two effects of one factor are each other's multiple: |correlation| is 1.
bool ArePerfectlyCorrelated(const Eigen::MatrixXd& covariance, Eigen::Index a, Eigen::Index b);

}  // namespace kinflow::family
