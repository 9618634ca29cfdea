#include "stages/family/tails.h"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "pipeline/base/nan.h"

namespace kinflow::family {
namespace {

// Below this Boost's tails lose digits to subnormal numbers: continued fractions in log space then.
constexpr double kDirect = 1e-280;
constexpr double kTiny = 1e-300;
constexpr int kMaxTerms = 100000;
constexpr double kNormal = 1e20;  // degrees of freedom that no double tells from infinity

// Degrees of freedom are estimates too, and may come out as good as 0: what is too large for a
// double is infinite then, and what is not defined NaN, but never an exception.
namespace policies = boost::math::policies;
using Quiet = policies::policy<policies::overflow_error<policies::ignore_error>,
                               policies::domain_error<policies::ignore_error>,
                               policies::pole_error<policies::ignore_error>,
                               policies::rounding_error<policies::ignore_error>,
                               policies::evaluation_error<policies::ignore_error>>;

// Modified Lentz evaluation of b0 + a1/(b1 + a2/(b2 + ...)); `term(i)` sets a and b of step i >= 1.
template <class Term>
double ContinuedFraction(double b0, Term term) {
  double f = b0 == 0 ? kTiny : b0, c = f, d = 0;
  for (int i = 1; i < kMaxTerms; ++i) {
    double a = 0, b = 0;
    term(i, a, b);
    d = b + a * d;
    c = b + a / c;
    if (d == 0) d = kTiny;
    if (c == 0) c = kTiny;
    d = 1 / d;
    const double delta = c * d;
    f *= delta;
    if (std::abs(delta - 1) < 1e-15) break;
  }
  return f;
}

// ln I_x(a, b) for x below the mode (DLMF 8.17.22); `log_x`, `log_1mx` avoid cancellation.
double LogBetaFraction(double a, double b, double x, double log_x, double log_1mx) {
  const double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
  const double fraction = ContinuedFraction(1, [&](int i, double& num, double& den) {
    const int m = i / 2;
    num = i % 2 == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                     : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    den = 1;
  });
  return a * log_x + b * log_1mx - std::log(a) - log_beta - std::log(fraction);
}

// ln Q(a, x) for x > a + 1 (DLMF 8.9.2, even part).
double LogGammaFraction(double a, double x) {
  const double fraction = ContinuedFraction(x + 1 - a, [&](int i, double& num, double& den) {
    num = -i * (i - a);
    den = x + 2 * i + 1 - a;
  });
  return a * std::log(x) - x - std::lgamma(a) - std::log(fraction);
}

Tail FromP(double p) { return {p, p >= 1 ? 0.0 : -std::log10(p)}; }
Tail FromLog(double log_p) { return {std::exp(log_p), -log_p / std::log(10.0)}; }

// P(F >= f) = I_x(df2/2, df1/2), x = df2/(df2 + df1 f).
Tail BetaTail(double f, double df1, double df2) {
  const double ratio = df1 * f / df2;
  const double x = 1 / (1 + ratio);
  const double log_x = -std::log1p(ratio), log_1mx = std::log(ratio) + log_x;
  const double a = df2 / 2, b = df1 / 2;
  const double p = ratio < 1 ? boost::math::ibetac(b, a, ratio / (1 + ratio), Quiet())
                             : boost::math::ibeta(a, b, x, Quiet());
  return p > kDirect ? FromP(p) : FromLog(LogBetaFraction(a, b, x, log_x, log_1mx));
}

}  // namespace

Tail UpperChi2(double x, double df) {
  if (std::isnan(x) || !(df > 0)) return {kNan, kNan};
  if (x <= 0) return {1, 0};
  if (std::isinf(x)) return {0, std::numeric_limits<double>::infinity()};
  const double p = boost::math::gamma_q(df / 2, x / 2, Quiet());
  return p > kDirect ? FromP(p) : FromLog(LogGammaFraction(df / 2, x / 2));
}

Tail UpperF(double f, double df1, double df2) {
  if (std::isnan(f) || !(df1 > 0) || !(df2 > 0)) return {kNan, kNan};
  if (f <= 0) return {1, 0};
  if (std::isinf(f)) return {0, std::numeric_limits<double>::infinity()};
  if (df2 > kNormal) return UpperChi2(f * df1, df1);
  return BetaTail(f, df1, df2);
}

Tail TwoSidedT(double t, double df) { return UpperF(t * t, 1, df); }

double QuantileT(double probability, double df) {
  if (!(df > 0)) return kNan;
  if (std::isinf(df)) return boost::math::quantile(boost::math::normal(), probability);
  return boost::math::quantile(boost::math::students_t_distribution<double, Quiet>(df),
                               probability);
}

}  // namespace kinflow::family
