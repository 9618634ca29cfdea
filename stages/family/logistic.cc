#include "stages/family/logistic.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "pipeline/base/error.h"
#include "stages/family/block_sums.h"
#include "stages/family/few_rows.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxIterations = 60;  // of plain Newton steps; usual fits need 4 to 8
constexpr int kMaxFirth = 500;      // scoring steps, which gain linearly
constexpr double kScore = 1e-10;    // of the score in the orthonormal basis
constexpr double kStep = 1e-8;      // of the linear predictor
constexpr double kCertain = 15;     // |eta| of a row fitted with certainty: p within 3e-7 of 0 or 1

// ln(1 + exp(x)) without overflow.
double Softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double Logistic(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

void CheckOutcome(const Design& design) {
  const auto other =
      std::find_if(design.y.begin(), design.y.end(), [](double v) { return v != 0 && v != 1; });
  if (other != design.y.end()) {
    throw Error(ErrorId::kModelFailed,
                fmt::format("logit: the outcome must be 0 or 1; it is neither in {} used",
                            PartOfRowsText(static_cast<size_t>(std::count_if(
                                               design.y.begin(), design.y.end(),
                                               [](double v) { return v != 0 && v != 1; })),
                                           design.n)))
        .Field("formula")
        .Remedy("code cases 1 and others 0, or use model ordinal or ols");
  }
}

VectorXd PriorWeights(const Design& design) {
  if (design.weight.empty()) return VectorXd::Ones(static_cast<Index>(design.n));
  return Eigen::Map<const VectorXd>(design.weight.data(), static_cast<Index>(design.n));
}

/// The likelihood over an orthonormal basis Q of the design, in which eta = Q g.
class LogisticProblem {
 public:
  LogisticProblem(const Design& design, const PivotedQr& basis, bool firth)
      : firth_(firth),
        prior_(PriorWeights(design)),
        q_(basis.q.data(), static_cast<Index>(basis.n), static_cast<Index>(basis.rank)),
        y_(design.y.data(), static_cast<Index>(design.n)) {
    for (size_t i = 0; i < basis.rank; ++i)
      log_r_ -= std::log(std::abs(basis.r_inv[i * basis.rank + i]));
  }

  struct Point {
    VectorXd g, eta, p, w, score;
    Eigen::LLT<MatrixXd> information;
    double log_lik = 0;
    bool ok = false;  // the information is positive definite
  };

  Point At(VectorXd g) const {
    Point at;
    at.g = std::move(g);
    at.eta = q_ * at.g;
    at.p = at.eta.unaryExpr([](double v) { return Logistic(v); });
    at.w =
        prior_.cwiseProduct(at.eta.unaryExpr([](double v) { return Logistic(v) * Logistic(-v); }));
    ForBlocks(y_.size(), [&](Index begin, Index rows) {
      double block = 0;
      for (Index i = begin; i < begin + rows; ++i) {
        block -= prior_(i) * Softplus(y_(i) == 1 ? -at.eta(i) : at.eta(i));
      }
      at.log_lik += block;
    });
    at.information.compute(WeightedCross(q_, at.w));
    at.ok = at.information.info() == Eigen::Success && std::isfinite(at.log_lik);
    if (!at.ok) return at;
    VectorXd residual = prior_.cwiseProduct(y_ - at.p);
    if (firth_) {  // never with case weights
      const MatrixXd half = at.information.matrixL().solve(q_.transpose());
      const VectorXd hat = half.colwise().squaredNorm().transpose().cwiseProduct(at.w);
      residual += hat.cwiseProduct(VectorXd::Constant(y_.size(), 0.5) - at.p);
      at.log_lik += MatrixXd(at.information.matrixL()).diagonal().array().log().sum() + log_r_;
    }
    at.score = BlockProduct(residual);
    return at;
  }

 private:
  VectorXd BlockProduct(const VectorXd& v) const {
    VectorXd sum = VectorXd::Zero(q_.cols());
    ForBlocks(q_.rows(), [&](Index begin, Index rows) {
      sum += q_.middleRows(begin, rows).transpose() * v.segment(begin, rows);
    });
    return sum;
  }

  bool firth_;
  VectorXd prior_;  // case weights
  Eigen::Map<const MatrixXd> q_;
  Eigen::Map<const VectorXd> y_;
  double log_r_ = 0;
};

// Names of the columns that drive the linear predictors apart: those whose last step, in units of
// their own spread, is large.
[[noreturn]] void ThrowSeparated(const Design& design, const PivotedQr& basis,
                                 const VectorXd& direction, const VectorXd& eta) {
  const Eigen::Map<const MatrixXd> r_inv(basis.r_inv.data(), static_cast<Index>(basis.rank),
                                         static_cast<Index>(basis.rank));
  const VectorXd b = r_inv * direction;
  std::vector<double> size(basis.rank, 0.0);
  for (size_t i = 0; i < basis.rank; ++i) {
    const double* x = design.Column(basis.used[i]);
    const auto [low, high] = std::minmax_element(x, x + design.n);
    size[i] = std::abs(b(static_cast<Index>(i))) * (*high - *low);
  }
  const double largest = *std::max_element(size.begin(), size.end());
  std::string terms;
  for (size_t i = 0; i < basis.rank; ++i) {
    if (size[i] < 0.2 * largest) continue;
    terms += (terms.empty() ? "" : ", ") + design.columns[basis.used[i]].name;
  }
  const auto certain = (eta.array().abs() > kCertain).count();
  throw Error(ErrorId::kModelFailed,
              fmt::format("logit: separated: {} predicts the outcome without error in {}", terms,
                          PartOfRowsText(static_cast<size_t>(certain), design.n)))
      .Field(terms)
      .Remedy("take the term out, join rare levels, or ask for Firth's penalty: firth: true");
}

void CheckRows(const Design& design, size_t rank) {
  if (rank < design.n) return;
  throw Error(ErrorId::kTooFewRows,
              fmt::format("logit: no more complete rows than coefficients ({})", design.k))
      .Remedy("use fewer terms, or find out in the table 'rows' why rows were dropped");
}

// The weighted problem at the optimum, over the columns in use.
OlsFit WorkingFit(const Design& design, const PivotedQr& basis, const LogisticProblem::Point& at) {
  const VectorXd prior = PriorWeights(design);
  OlsFit out;
  out.n = design.n;
  out.df_resid = design.n - basis.rank;
  out.sigma = 1;
  std::vector<double> x(design.n * basis.rank), e(design.n);
  for (size_t i = 0; i < design.n; ++i) {
    const auto r = static_cast<Index>(i);
    const double root = std::sqrt(at.w(r));
    e[i] = root > 0 ? prior(r) * (design.y[i] - at.p(r)) / root : 0;
    for (size_t c = 0; c < basis.rank; ++c) {
      x[c * design.n + i] = root * design.Column(basis.used[c])[i];
    }
  }
  out.qr = FactorQr(x, design.n, basis.rank, 0);
  out.qr.used = basis.used;
  out.outcome.residuals = std::move(e);
  out.variance.assign(at.w.data(), at.w.data() + at.w.size());
  out.coef.assign(design.k, std::numeric_limits<double>::quiet_NaN());
  out.position.assign(design.k, -1);
  const Eigen::Map<const MatrixXd> r_inv(basis.r_inv.data(), static_cast<Index>(basis.rank),
                                         static_cast<Index>(basis.rank));
  const VectorXd b = r_inv * at.g;
  for (size_t i = 0; i < basis.rank; ++i) {
    out.coef[basis.used[i]] = b(static_cast<Index>(i));
    out.position[basis.used[i]] = static_cast<int64_t>(i);
  }
  return out;
}

}  // namespace

LogisticFit FitLogistic(const Design& design, bool firth) {
  CheckOutcome(design);
  LogisticFit out;
  const auto cases = static_cast<size_t>(std::count(design.y.begin(), design.y.end(), 1.0));
  if (cases == 0 || cases == design.n) {
    throw Error(
        ErrorId::kConstantOutcome,
        fmt::format("logit: the outcome has the same value in {}", AllRowsUsedText(design.n)))
        .Remedy("check the outcome's coding and what the complete-case rule left");
  }
  const PivotedQr basis = QrOf(design);
  CheckRows(design, basis.rank);
  const LogisticProblem problem(design, basis, firth);
  auto at = problem.At(VectorXd::Zero(static_cast<Index>(basis.rank)));
  VectorXd step = VectorXd::Zero(static_cast<Index>(basis.rank));
  // The score is in units of the weights.
  const double largest_score = kScore * std::max(1.0, PriorWeights(design).mean());
  bool converged = false;
  while (at.ok && !converged && out.iterations < (firth ? kMaxFirth : kMaxIterations)) {
    ++out.iterations;
    step = at.information.solve(at.score);
    double fraction = 1;
    auto next = problem.At(at.g + step);
    const double noise = 1e-12 * (1 + std::abs(at.log_lik));
    while (!(next.ok && next.log_lik >= at.log_lik - noise) && fraction > 1e-8) {
      fraction /= 2;
      next = problem.At(at.g + fraction * step);
    }
    if (!next.ok) break;
    out.last_step = (next.eta - at.eta).cwiseAbs().maxCoeff();
    at = std::move(next);
    out.max_abs_score = at.score.cwiseAbs().maxCoeff();
    converged = out.max_abs_score < largest_score && out.last_step < kStep;
  }
  if (!converged && at.eta.cwiseAbs().maxCoeff() > kCertain) {
    ThrowSeparated(design, basis, step, at.eta);
  }
  if (!converged) {
    throw Error(ErrorId::kModelFailed,
                fmt::format("logit: no convergence after {} steps: log-likelihood {:.10g}, largest "
                            "score {:.3g}",
                            out.iterations, at.log_lik, out.max_abs_score))
        .Field("formula")
        .Remedy("scale terms of very different size, or use fewer");
  }
  out.working = WorkingFit(design, basis, at);
  out.fitted.assign(at.p.data(), at.p.data() + at.p.size());
  out.log_lik = at.log_lik;
  const VectorXd prior = PriorWeights(design);
  const double n = prior.sum(), share = MeanOutcome(design);
  out.log_lik_null = n * (share * std::log(share) + (1 - share) * std::log1p(-share));
  return out;
}

double MeanOutcome(const Design& design) {
  const VectorXd prior = PriorWeights(design);
  return prior.dot(Eigen::Map<const VectorXd>(design.y.data(), prior.size())) / prior.sum();
}

double AreaUnderCurve(const std::vector<double>& y, const std::vector<double>& value,
                      const std::vector<double>& weight) {
  std::vector<size_t> order(y.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return value[a] < value[b]; });
  double pairs = 0, cases = 0, others = 0;  // pairs of a case above another row
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    double cases_here = 0, others_here = 0;
    while (end < order.size() && value[order[end]] == value[order[begin]]) {
      const size_t i = order[end++];
      (y[i] == 1 ? cases_here : others_here) += weight.empty() ? 1 : weight[i];
    }
    pairs += cases_here * (others + others_here / 2);
    cases += cases_here;
    others += others_here;
  }
  return pairs / (cases * others);
}

double LiabilityR2(double observed, double population_share, double sample_share) {
  const double k = population_share, p = sample_share;
  const double t = QuantileT(1 - k, std::numeric_limits<double>::infinity());
  const double z = std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi);
  const double i = z / k, shift = i * (p - k) / (1 - k);
  const double scale = k * (1 - k) / (z * z) * k * (1 - k) / (p * (1 - p));
  return observed * scale / (1 + observed * shift * (shift - t) * scale);
}

}  // namespace kinflow::family
