#pragma once

#include <Eigen/Core>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/mixed/random_effects.h"
#include "stages/family/ols.h"

namespace kinflow::family {

/// A logistic regression with a random intercept, P(y = 1 | u) = 1 / (1 + exp(-x'b - sd u)) with u
/// standard normal and one a level.
struct LogisticMixedFit : Coefficients {
  Eigen::MatrixXd vcov;  // of the columns in use, from the observed information with the sd's
  size_t rank = 0;
  double sd = 0;              // of the intercepts
  double log_lik = 0;         // of the outcome, intercepts integrated out
  double fixed_variance = 0;  // of x'b over the rows
  bool singular = false;      // sd below 1e-4
  int iterations = 0;
  double max_abs_score = 0, last_step = 0;
  double quadrature_error = 0;  // of log_lik: less that with twice the nodes
  int nodes_needed = 0;         // with which log_lik is right to .01; 0 = with those there are
};

/// Maximum likelihood by Newton steps; integrals by adaptive Gauss-Hermite quadrature with `points`
/// nodes around the mode of each level (Pinheiro and Bates 1995; lme4's nAGQ). Sums run level by
/// level in order: the same bits in any thread. Throws what FitLogistic() throws; kModelFailed if
/// the optimum is not reached, with the best point.
LogisticMixedFit FitLogisticMixed(const Design& design, const RandomBlock& levels, int points);

/// Nodes (Golub and Welsch 1969) and weights of Gauss-Hermite quadrature for exp(-z^2).
struct HermiteRule {
  Eigen::VectorXd nodes, weights;
};
HermiteRule GaussHermite(int points);

}  // namespace kinflow::family
