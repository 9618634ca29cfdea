#pragma once

#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/qr.h"

namespace kinflow::family {

/// Coefficients of a model and where they stand in its covariance matrices.
struct Coefficients {
  std::vector<double> coef;       // one a design column; aliased ones are NaN
  std::vector<int64_t> position;  // of a design column among the estimable ones, -1 = aliased
};

/// A fitted linear model; with weights, Q and the outcome beside it are of rows times the roots of
/// their weights. `position` is that in qr.used.
struct OlsFit : Coefficients {
  PivotedQr qr;
  QrOutcome outcome;
  size_t n = 0, df_resid = 0;
  double rss = 0, tss = 0;  // tss about the mean with an intercept, else about 0
  double sigma = 0, r2 = 0, adj_r2 = 0, f = 0;
  double log_lik = 0, aic = 0, bic = 0;  // as R's logLik: sigma counts as a parameter
  bool perfect = false;  // residuals are rounding noise: standard errors mean nothing
  /// Of a generalised linear model, whose rows these are times the roots of their variances.
  std::vector<double> variance;

  const std::vector<double>& residuals() const { return outcome.residuals; }
};

/// Least squares, weighted if the design has weights. Throws kConstantOutcome; kTooFewRows if no
/// residual degree of freedom is left.
OlsFit FitOls(const Design& design);

/// Of each design column about its mean, weighted as the rows are; NaN for the intercept.
std::vector<double> SpreadsOf(const Design& design);

/// Variance inflation of each design column, by SpreadsOf; NaN for the intercept, aliased
/// columns, and models without intercept.
std::vector<double> Vif(const Design& design, const OlsFit& fit,
                        const std::vector<double>& squares);

/// b sd(x) / sd(y) of each design column, by SpreadsOf; NaN for the intercept and aliased
/// columns.
std::vector<double> StandardisedXy(const Design& design, const std::vector<double>& coef,
                                   const std::vector<double>& squares);

}  // namespace kinflow::family
