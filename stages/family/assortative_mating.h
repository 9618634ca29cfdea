#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "stages/family/assortment.h"

namespace kinflow::family {

/// Effects of a score in SD of the outcome an SD of the score, in this order: direct, mean of the
/// parents' (non-transmitted), population; with their joint covariance.
struct ScoreEffects {
  Eigen::Vector3d value = Eigen::Vector3d::Zero();
  Eigen::Matrix3d covariance = Eigen::Matrix3d::Zero();
};

struct AdjustedQuantity {
  std::string name;
  double estimate = 0, std_error = 0;
};

/// What the effects are without the inflation by assortative mating at equilibrium (Young 2023,
/// "Estimation of indirect genetic effects and heritability under assortative mating"): k, the
/// share of the heritability that the score explains under random mating; r_delta, the correlation
/// of the parents' direct genetic values; h2_eq; rho; alpha_delta, what parents' direct genetic
/// values do beside transmission, from the indirect and from the population effect; v_eta_delta,
/// the variance this adds. Errors by the delta method from all effects jointly. NaN where a
/// quantity is not defined.
std::vector<AdjustedQuantity> AdjustForAssortment(const ScoreEffects& effects,
                                                  const Assortment& assortment);

}  // namespace kinflow::family
