#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/mixed/random_effects.h"
#include "stages/family/nested.h"

namespace kinflow::family {

/// A linear mixed model fitted by (restricted) maximum likelihood, as lme4 defines it.
struct MixedFit {
  bool reml = true;
  size_t n = 0, rank = 0;
  std::vector<double> coef;       // one a design column, NaN = aliased
  std::vector<int64_t> position;  // of a design column in `vcov`, -1 = aliased
  Eigen::MatrixXd vcov;           // sigma^2 (X'V^-1 X)^-1 of the columns in use

  Eigen::VectorXd theta;  // lower triangles of the blocks, relative to sigma; diagonals >= 0
  std::vector<Eigen::MatrixXd> covariance;  // of each block's effects
  double sigma = 0;
  double criterion = 0;  // -2 ln L, restricted or not, at the optimum
  double log_lik = 0, aic = 0, bic = 0;
  double fixed_variance = 0;            // variance of Xb over the rows
  std::vector<double> random_variance;  // of each block: mean of z'Cov z over the rows
  double residual_variance = 0;         // mean over the rows: sigma^2, by weights less or more
  double r2_marginal = 0, r2_conditional = 0, icc = 0;

  bool singular = false;  // a relative factor below 1e-4 (lme4's isSingular)
  int iterations = 0;
  double max_gradient = 0, last_step = 0;

  // Of (theta, ln sigma): covariance of the estimates, and the derivatives of `vcov`.
  Eigen::MatrixXd parameter_covariance;
  std::vector<Eigen::MatrixXd> vcov_derivatives;
};

/// Fits design + random effects; the residual variance of a row is sigma^2 by its weight. Throws
/// kConstantOutcome; kTooFewRows if fewer rows than fixed effects and variances; kModelFailed if
/// nothing is left for the residual, or if the optimum is not reached (with the best point and its
/// gradient).
MixedFit FitMixed(const Design& design, const RandomDesign& random, bool reml);

/// l'b of one contrast with Satterthwaite's degrees of freedom; `columns` are design columns.
LinearResult MixedContrast(const MixedFit& fit, const std::vector<size_t>& columns,
                           const std::vector<double>& weights);

/// F of the design columns on (q, Satterthwaite) degrees of freedom; Fai and Cornelius (1996) for
/// several. Aliased columns are left out.
TestResult MixedF(const MixedFit& fit, const std::vector<size_t>& columns);

}  // namespace kinflow::family
