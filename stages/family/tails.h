#pragma once

namespace kinflow::family {

/// A tail probability, kept in log space too: `p` may underflow to 0, `neg_log10` does not.
/// Both are NaN if an argument is NaN.
struct Tail {
  double p = 0;
  double neg_log10 = 0;
};

/// P(|T| >= |t|) of Student's t; df = infinity is the normal distribution.
Tail TwoSidedT(double t, double df);
/// P(F >= f); df2 = infinity is chi2/df1.
Tail UpperF(double f, double df1, double df2);
/// P(X >= x) of chi-square.
Tail UpperChi2(double x, double df);
/// Quantile of Student's t (df = infinity: normal).
double QuantileT(double probability, double df);

}  // namespace kinflow::family
