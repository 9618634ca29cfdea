#include "stages/family/nested.h"

#include <Eigen/Dense>
#include <cmath>

#include "pipeline/base/nan.h"
#include "stages/family/f_test.h"
#include "stages/family/satterthwaite.h"

namespace kinflow::family {

NestedTests CompareNested(const OlsFit& reduced, const OlsFit& full) {
  NestedTests out;
  const double q = static_cast<double>(full.qr.rank) - static_cast<double>(reduced.qr.rank);
  const auto df2 = static_cast<double>(full.df_resid);
  const double gain = reduced.rss - full.rss;
  out.delta_r2 = full.r2 - reduced.r2;
  out.partial_r2 = gain / reduced.rss;
  if (q <= 0) {  // nothing estimable was added
    out.f = {kNan, 0, df2, kNan, kNan};
    out.lrt = {kNan, 0, kNan, kNan, kNan};
    return out;
  }
  out.f = FTest(gain / q / (full.rss / df2), q, df2);
  const double chi2 = static_cast<double>(full.n) * std::log(reduced.rss / full.rss);
  const Tail tail = UpperChi2(chi2, q);
  out.lrt = {chi2, q, kNan, tail.p, tail.neg_log10};
  return out;
}

namespace {

// T2 of `df1` estimates whose covariance is distributed as a Wishart of `df` degrees of freedom.
TestResult HotellingTest(double t2, double df1, double df) {
  const double df2 = df - df1 + 1;
  if (!(df2 > 0)) return {kNan, df1, kNan, kNan, kNan};
  return FTest(t2 * df2 / (df * df1), df1, df2);
}

}  // namespace

TestResult WaldTest(const Coefficients& fit, const Vcov& vcov, const std::vector<size_t>& columns) {
  std::vector<Eigen::Index> at;
  std::vector<double> b;
  for (const size_t c : columns) {
    if (fit.position[c] < 0) continue;
    at.push_back(fit.position[c]);
    b.push_back(fit.coef[c]);
  }
  const auto q = static_cast<Eigen::Index>(at.size());
  const TestResult nothing{kNan, static_cast<double>(q), vcov.wald_df, kNan, kNan};
  if (q == 0 || !vcov.reason.empty()) return nothing;
  Eigen::MatrixXd v(q, q);
  for (Eigen::Index i = 0; i < q; ++i) {
    for (Eigen::Index j = 0; j < q; ++j) {
      v(i, j) = vcov.At(static_cast<size_t>(at[static_cast<size_t>(i)]),
                        static_cast<size_t>(at[static_cast<size_t>(j)]));
    }
  }
  // Scaled to unit diagonal: rank must not depend on the units of the predictors.
  const Eigen::VectorXd sd = v.diagonal().cwiseSqrt();
  const Eigen::VectorXd z = Eigen::Map<const Eigen::VectorXd>(b.data(), q).cwiseQuotient(sd);
  const Eigen::MatrixXd r = sd.cwiseInverse().asDiagonal() * v * sd.cwiseInverse().asDiagonal();
  const Eigen::FullPivLU<Eigen::MatrixXd> lu(r);
  if (!r.allFinite() || !lu.isInvertible()) return nothing;
  const double distance = z.dot(lu.solve(z)), df1 = static_cast<double>(q);
  if (!vcov.satterthwaite) return FTest(distance / df1, df1, vcov.wald_df);
  Eigen::MatrixXd combinations = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(vcov.rank), q);
  for (Eigen::Index i = 0; i < q; ++i) combinations(at[static_cast<size_t>(i)], i) = 1;
  return HotellingTest(distance, df1, vcov.satterthwaite->Df(combinations));
}

LinearResult LinearContrast(const Coefficients& fit, const Vcov& vcov,
                            const std::vector<size_t>& columns,
                            const std::vector<double>& weights) {
  LinearResult out{0, kNan, kNan, vcov.wald_df};
  double variance = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    out.estimate += weights[i] * fit.coef[columns[i]];
    for (size_t j = 0; j < columns.size(); ++j) {
      const int64_t a = fit.position[columns[i]], b = fit.position[columns[j]];
      // One that has no error of its own spoils no combination without it.
      if (a >= 0 && b >= 0 && weights[i] * weights[j] == 0) continue;
      variance += a < 0 || b < 0 ? kNan
                                 : weights[i] * weights[j] *
                                       vcov.At(static_cast<size_t>(a), static_cast<size_t>(b));
    }
  }
  if (vcov.satterthwaite && std::isfinite(variance)) {
    Eigen::MatrixXd combination = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(vcov.rank), 1);
    for (size_t i = 0; i < columns.size(); ++i) {
      const int64_t at = fit.position[columns[i]];
      if (at >= 0) combination(at, 0) += weights[i];
    }
    out.df = vcov.satterthwaite->Df(combination);
  }
  out.std_error = std::sqrt(variance);
  out.statistic = out.estimate / out.std_error;
  return out;
}

}  // namespace kinflow::family
