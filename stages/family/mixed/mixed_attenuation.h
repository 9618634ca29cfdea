#pragma once

#include "stages/family/attenuation_rows.h"
#include "stages/family/mixed/mixed_fit.h"

namespace kinflow::family {

/// Of generalised least squares. Errors of scores weigh as the scores do where both are constant
/// within the levels by which rows are related: those of a factor in which all others are nested.
/// Refers to its arguments.
ScoreMoments MomentsOf(const Design& design, const RandomDesign& random, const MixedFit& fit);

/// The covariance of the coefficients, with the degrees of freedom of each.
Vcov MixedVcov(const MixedFit& fit);

}  // namespace kinflow::family
