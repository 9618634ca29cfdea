#include <Eigen/Eigenvalues>
#include <cmath>

#include "pipeline/base/nan.h"
#include "stages/family/mixed/mixed_fit.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// 2 v^2 / (g'A g): v the variance of l'b, g its derivatives in the variance parameters.
double SatterthwaiteDf(const MixedFit& fit, const VectorXd& l) {
  const double variance = l.dot(fit.vcov * l);
  VectorXd gradient(static_cast<Index>(fit.vcov_derivatives.size()));
  for (Index i = 0; i < gradient.size(); ++i) {
    gradient(i) = l.dot(fit.vcov_derivatives[static_cast<size_t>(i)] * l);
  }
  return 2 * variance * variance / gradient.dot(fit.parameter_covariance * gradient);
}

// Denominator for the mean of squared t of degrees nu: the F with the same expectation.
double JointDf(const std::vector<double>& nu) {
  const auto q = static_cast<double>(nu.size());
  double expectation = 0, low = nu[0], high = nu[0];
  for (const double v : nu) {
    low = std::min(low, v);
    high = std::max(high, v);
    expectation += v / (v - 2);
  }
  if (high - low < 1e-8) return (low + high) / 2;
  if (low <= 2) return 2;
  return 2 * expectation / (expectation - q);
}

}  // namespace

LinearResult MixedContrast(const MixedFit& fit, const std::vector<size_t>& columns,
                           const std::vector<double>& weights) {
  VectorXd l = VectorXd::Zero(static_cast<Index>(fit.rank));
  LinearResult out{0, kNan, kNan, kNan};
  bool aliased = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    out.estimate += weights[i] * fit.coef[columns[i]];
    const int64_t at = fit.position[columns[i]];
    aliased = aliased || at < 0;
    if (at >= 0) l(at) += weights[i];
  }
  if (aliased) return out;
  out.std_error = std::sqrt(l.dot(fit.vcov * l));
  out.statistic = out.estimate / out.std_error;
  out.df = SatterthwaiteDf(fit, l);
  return out;
}

TestResult MixedF(const MixedFit& fit, const std::vector<size_t>& columns) {
  std::vector<Index> at;
  std::vector<double> b;
  for (const size_t c : columns) {
    if (fit.position[c] < 0) continue;
    at.push_back(fit.position[c]);
    b.push_back(fit.coef[c]);
  }
  const auto q = static_cast<Index>(at.size());
  if (q == 0) return {kNan, 0, kNan, kNan, kNan};
  const MatrixXd v = fit.vcov(at, at);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(v);
  double sum = 0;
  std::vector<double> nu;
  for (Index i = 0; i < q; ++i) {
    VectorXd l = VectorXd::Zero(static_cast<Index>(fit.rank));
    for (Index j = 0; j < q; ++j) l(at[static_cast<size_t>(j)]) = eigen.eigenvectors()(j, i);
    const double along = eigen.eigenvectors().col(i).dot(Eigen::Map<const VectorXd>(b.data(), q));
    sum += along * along / eigen.eigenvalues()(i);
    nu.push_back(SatterthwaiteDf(fit, l));
  }
  const double f = sum / static_cast<double>(q), df2 = JointDf(nu);
  const Tail tail = UpperF(f, static_cast<double>(q), df2);
  return {f, static_cast<double>(q), df2, tail.p, tail.neg_log10};
}

}  // namespace kinflow::family
