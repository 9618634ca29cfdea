#pragma once

#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/ols.h"

namespace kinflow::family {

/// A fitted cumulative link model, P(Y <= k) = F(zeta_k - x'b), F logistic or normal.
struct OrdinalFit {
  /// Coefficients of the design's columns, then the thresholds.
  Coefficients coefficients;
  std::vector<std::string> thresholds;  // "0|1", by the values of the outcome
  size_t parameters = 0;                // estimable coefficients and thresholds
  std::vector<double> covariance;       // inverse of the observed information, column-major
  std::vector<double> scores;           // n x parameters, column-major: of each row at the optimum
  double log_lik = 0, log_lik_null = 0;
  int iterations = 0;
  double max_abs_score = 0, last_step = 0;
};

/// Maximum likelihood, rows by the design's weights; `design` has no intercept column, the
/// thresholds take its place. Throws kModelFailed (fewer than three categories, too many,
/// separation, no convergence), kConstantOutcome, kTooFewRows.
OrdinalFit FitOrdinal(const Design& design, bool probit);

/// Likelihood-ratio test of `fit` against the model in which the flagged columns of the design have
/// a coefficient at each threshold.
struct ParallelLines {
  double statistic = 0, df = 0;  // statistic NaN if the larger model has no maximum
};
ParallelLines TestParallelLines(const Design& design, bool probit, const OrdinalFit& fit,
                                const std::vector<uint8_t>& columns);

}  // namespace kinflow::family
