#pragma once

#include <vector>

#include "stages/family/design.h"
#include "stages/family/ols.h"

namespace kinflow::family {

/// A fitted logistic regression, P(y = 1) = 1 / (1 + exp(-x'b)).
struct LogisticFit {
  /// Coefficients, and at the optimum the weighted least-squares problem whose hat values,
  /// residuals and (X'WX)^-1 are the model's; sigma is 1. CovarianceOf() takes it as it is.
  OlsFit working;
  std::vector<double> fitted;  // probabilities
  double log_lik = 0;          // with Firth's penalty if it was asked for
  double log_lik_null = 0;     // of the share of cases alone, without penalty
  int iterations = 0;
  double max_abs_score = 0;  // in an orthonormal basis of the design
  double last_step = 0;      // largest move of a linear predictor
};

/// Maximum likelihood by Newton steps from zero, rows by the design's weights (not with `firth`).
/// `firth`: with the penalty 0.5 ln|X'WX| (Firth 1993), by the modified score. Throws kModelFailed
/// (an outcome that is not 0/1; separation, naming the terms; no convergence), kConstantOutcome,
/// kTooFewRows.
LogisticFit FitLogistic(const Design& design, bool firth);

/// Share of cases, by the design's weights.
double MeanOutcome(const Design& design);

/// Area under the ROC curve: P(a case has a higher value than another row), ties count half. Rows
/// count by `weight`; empty = all alike.
double AreaUnderCurve(const std::vector<double>& y, const std::vector<double>& value,
                      const std::vector<double>& weight);

/// R2 on the liability scale of an R2 of the 0/1 outcome (Lee et al. 2012, Genet Epidemiol 36:214).
double LiabilityR2(double observed, double population_share, double sample_share);

}  // namespace kinflow::family
