#include "stages/family/logistic_mixed.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pipeline/base/error.h"
#include "stages/family/logistic.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxIterations = 100;
constexpr int kMostNodes = 99;   // of the option
constexpr double kGain = 1e-10;  // of ln L
constexpr double kSmall = 1e-2;  // a standard deviation that may be none

double Softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double Logistic(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

struct Point {
  double log_lik = 0;
  VectorXd gradient;     // by (g, sd)
  MatrixXd information;  // minus the second derivatives
};

/// The marginal likelihood over an orthonormal basis Q of the design: eta = Q g + sd u.
class MixedProblem {
 public:
  MixedProblem(const Design& design, const PivotedQr& basis, const RandomBlock& levels, int points)
      : q_(basis.q.data(), static_cast<Index>(basis.n), static_cast<Index>(basis.rank)),
        y_(design.y.data(), static_cast<Index>(design.n)),
        rows_(levels.levels()),
        rule_(GaussHermite(points)) {
    for (size_t i = 0; i < design.n; ++i) rows_[levels.level[i]].push_back(static_cast<Index>(i));
  }

  /// Derivatives are expectations over the posterior of u at the nodes (Louis 1982).
  Point At(const VectorXd& g, double sd) const {
    const Index p = g.size();
    const VectorXd fixed = q_ * g;
    Point out{0, VectorXd::Zero(p + 1), MatrixXd::Zero(p + 1, p + 1)};
    for (const auto& rows : rows_) AddLevel(rows, fixed, sd, out);
    out.information.triangularView<Eigen::StrictlyUpper>() =
        out.information.transpose().triangularView<Eigen::StrictlyUpper>();
    return out;
  }

 private:
  // ln of the integrand up to its constant.
  double LogJoint(const std::vector<Index>& rows, const VectorXd& fixed, double sd,
                  double u) const {
    double sum = -u * u / 2;
    for (const Index i : rows) {
      const double eta = fixed(i) + sd * u;
      sum += y_(i) * eta - Softplus(eta);
    }
    return sum;
  }

  // Where the integrand is largest, and its width there. It is log-concave: Newton steps, halved
  // where they overshoot.
  std::pair<double, double> ModeOf(const std::vector<Index>& rows, const VectorXd& fixed,
                                   double sd) const {
    double u = 0, value = LogJoint(rows, fixed, sd, u);
    for (int iteration = 0;; ++iteration) {
      double slope = -u, curvature = 1;
      for (const Index i : rows) {
        const double mean = Logistic(fixed(i) + sd * u);
        slope += sd * (y_(i) - mean);
        curvature += sd * sd * mean * (1 - mean);
      }
      if (std::abs(slope) < 1e-10 || iteration == 50) return {u, 1 / std::sqrt(curvature)};
      double step = slope / curvature, moved = LogJoint(rows, fixed, sd, u + step);
      for (int half = 0; half < 20 && !(moved >= value - 1e-14); ++half) {
        step /= 2;
        moved = LogJoint(rows, fixed, sd, u + step);
      }
      u += step;
      value = moved;
    }
  }

  void AddLevel(const std::vector<Index>& rows, const VectorXd& fixed, double sd,
                Point& out) const {
    const auto [mode, width] = ModeOf(rows, fixed, sd);
    const Index points = rule_.nodes.size(), p = q_.cols();
    VectorXd u(points), weight(points);
    for (Index k = 0; k < points; ++k) {
      const double z = rule_.nodes(k);
      u(k) = mode + std::numbers::sqrt2 * width * z;
      weight(k) = std::log(rule_.weights(k)) + z * z + LogJoint(rows, fixed, sd, u(k));
    }
    const double largest = weight.maxCoeff();
    weight = (weight.array() - largest).exp();
    const double sum = weight.sum();
    out.log_lik += largest + std::log(sum * width / std::sqrt(std::numbers::pi));
    weight /= sum;

    MatrixXd scores = MatrixXd::Zero(p + 1, points);  // of the level at each node
    MatrixXd& information = out.information;
    for (const Index i : rows) {
      double w0 = 0, w1 = 0, w2 = 0;  // moments of u weighted by the variance of y
      for (Index k = 0; k < points; ++k) {
        const double mean = Logistic(fixed(i) + sd * u(k));
        const double residual = y_(i) - mean, w = weight(k) * mean * (1 - mean);
        scores.col(k).head(p) += residual * q_.row(i).transpose();
        scores(p, k) += residual * u(k);
        w0 += w;
        w1 += w * u(k);
        w2 += w * u(k) * u(k);
      }
      information.topLeftCorner(p, p).selfadjointView<Eigen::Lower>().rankUpdate(
          q_.row(i).transpose(), w0);
      information.row(p).head(p) += w1 * q_.row(i);
      information(p, p) += w2;
    }
    const VectorXd mean = scores * weight;
    out.gradient += mean;
    scores.colwise() -= mean;
    const MatrixXd scaled = scores * weight.cwiseSqrt().asDiagonal();
    information.selfadjointView<Eigen::Lower>().rankUpdate(scaled, -1);
  }

  Eigen::Map<const MatrixXd> q_;
  Eigen::Map<const VectorXd> y_;
  std::vector<std::vector<Index>> rows_;  // of each level
  HermiteRule rule_;
};

/// A step towards the maximum.
struct Direction {
  VectorXd step;
  double gain = 0;      // of ln L, expected
  bool saddle = false;  // nothing is gained at first order, but ln L rises at second
};

// Directions of the wrong curvature are turned. ln L is alike at both signs of the sd, so that its
// slope is zero at 0 whatever lies beyond: steps end halfway to it.
Direction DirectionAt(const Point& now, double sd) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(now.information);
  const VectorXd& values = eigen.eigenvalues();
  const double largest = values.cwiseAbs().maxCoeff();
  const VectorXd size = values.cwiseAbs().cwiseMax(1e-10 * largest);
  const VectorXd along = eigen.eigenvectors().transpose() * now.gradient;
  const Index last = along.size() - 1;
  Direction out;
  out.gain = along.cwiseProduct(along).cwiseQuotient(size).sum() / 2;
  out.step = eigen.eigenvectors() * along.cwiseQuotient(size);
  out.saddle = out.gain < kGain && values(0) < -1e-6 * largest;
  if (out.saddle) {
    out.step = eigen.eigenvectors().col(0) / std::sqrt(size(0));
    if (out.step(last) < 0) out.step *= -1;
  }
  if (std::abs(out.step(last)) > 1) out.step /= std::abs(out.step(last));
  if (out.step(last) <= -sd) out.step *= sd / 2 / -out.step(last);
  return out;
}

// What twice the nodes change in ln L at one point, and how many would do.
void CheckNodes(const Design& design, const OlsFit& ols, const RandomBlock& levels, int points,
                const VectorXd& at, double log_lik, LogisticMixedFit& out) {
  constexpr double kTolerated = 0.01;
  const Index rank = at.size() - 1;
  for (int more = 2 * points; at(rank) != 0; more *= 2) {
    const MixedProblem finer(design, ols.qr, levels, more);
    const double change = finer.At(at.head(rank), at(rank)).log_lik - log_lik;
    if (more == 2 * points) out.quadrature_error = -change;
    if (std::abs(change) <= kTolerated) return;
    out.nodes_needed = more;
    if (more >= kMostNodes) return;
    log_lik += change;
  }
}

[[noreturn]] void FailToConverge(const LogisticMixedFit& fit, const Point& now, double sd,
                                 int points) {
  const bool by_nodes = fit.nodes_needed > 0 && points < kMostNodes;
  throw Error(
      ErrorId::kModelFailed,
      fmt::format("no convergence after {} steps: best ln L {:.10g} at sd {:.6g}, "
                  "gradient {:.3g}{}",
                  fit.iterations, now.log_lik, sd, now.gradient.cwiseAbs().maxCoeff(),
                  by_nodes ? fmt::format("; {} nodes of quadrature are too few", points) : ""))
      .Field(by_nodes ? "quadrature" : "formula")
      .Remedy(by_nodes ? fmt::format("use more nodes: quadrature={}",
                                     std::min(std::max(fit.nodes_needed, 15), kMostNodes))
                       : "take terms or the random intercept out");
}

}  // namespace

HermiteRule GaussHermite(int points) {
  MatrixXd jacobi = MatrixXd::Zero(points, points);
  for (Index k = 1; k < points; ++k) {
    jacobi(k, k - 1) = jacobi(k - 1, k) = std::sqrt(static_cast<double>(k) / 2);
  }
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(jacobi, Eigen::EigenvaluesOnly);
  HermiteRule out{eigen.eigenvalues(), VectorXd(points)};
  // Rounding of eigenvectors is far above the weights of outer nodes. By the orthonormal
  // polynomials w = 1 / (n p_{n-1}^2), in terms of p exp(-z^2 / 2), which keeps its size.
  for (Index i = 0; i < points; ++i) {
    const double z = out.nodes(i);
    double before = 0, now = std::exp(-z * z / 2) / std::pow(std::numbers::pi, 0.25);
    for (int k = 1; k < points; ++k) {
      const double next = z * std::sqrt(2.0 / k) * now - std::sqrt((k - 1.0) / k) * before;
      before = now;
      now = next;
    }
    out.weights(i) = std::exp(-z * z) / (points * now * now);
  }
  return out;
}

LogisticMixedFit FitLogisticMixed(const Design& design, const RandomBlock& levels, int points) {
  const LogisticFit plain = FitLogistic(design, false);
  const OlsFit ols = FitOls(design);
  const auto rank = static_cast<Index>(ols.qr.rank);
  const MixedProblem problem(design, ols.qr, levels, points);
  const Eigen::Map<const MatrixXd> r_inv(ols.qr.r_inv.data(), rank, rank);

  VectorXd at(rank + 1);  // (g, sd); from the regression without intercepts
  VectorXd b(rank);
  for (Index i = 0; i < rank; ++i) b(i) = plain.working.coef[ols.qr.used[static_cast<size_t>(i)]];
  at << r_inv.triangularView<Eigen::Upper>().solve(b), 1;
  LogisticMixedFit fit;
  Point now = problem.At(at.head(rank), at(rank));
  for (bool reached = false; !reached;) {
    const Direction direction = DirectionAt(now, at(rank));
    const VectorXd& step = direction.step;
    reached = direction.gain <= kGain && !direction.saddle;  // after one more step
    double fraction = 1;
    Point moved = problem.At(at.head(rank) + step.head(rank), at(rank) + step(rank));
    const double noise = 1e-9 * std::abs(now.log_lik);  // of quadrature
    while (!(moved.log_lik >= now.log_lik - noise) && fraction > 1e-6) {
      fraction /= 2;
      moved =
          problem.At(at.head(rank) + fraction * step.head(rank), at(rank) + fraction * step(rank));
    }
    if (++fit.iterations > kMaxIterations || !(moved.log_lik >= now.log_lik - noise)) {
      CheckNodes(design, ols, levels, points, at, now.log_lik, fit);
      FailToConverge(fit, now, at(rank), points);
    }
    at += fraction * step;
    fit.last_step = fraction * step.cwiseAbs().maxCoeff();
    now = std::move(moved);
  }
  if (at(rank) < kSmall) {  // zero, if ln L does not mind
    Point zero = problem.At(at.head(rank), 0);
    if (zero.log_lik >= now.log_lik - 1e-8) {
      at(rank) = 0;
      now = std::move(zero);
    }
  }
  CheckNodes(design, ols, levels, points, at, now.log_lik, fit);
  fit.sd = at(rank);
  fit.singular = fit.sd == 0;
  fit.log_lik = now.log_lik;
  fit.max_abs_score = now.gradient.cwiseAbs().maxCoeff();
  fit.rank = ols.qr.rank;
  fit.position = ols.position;
  fit.coef = ols.coef;
  b = r_inv * at.head(rank);
  for (Index i = 0; i < rank; ++i) fit.coef[ols.qr.used[static_cast<size_t>(i)]] = b(i);
  // At a variance of zero its derivative is zero too, and tells nothing of the others.
  const Index known = fit.singular ? rank : rank + 1;
  const MatrixXd covariance = now.information.topLeftCorner(known, known).inverse();
  fit.vcov = r_inv * covariance.topLeftCorner(rank, rank) * r_inv.transpose();
  const VectorXd fixed =
      Eigen::Map<const MatrixXd>(ols.qr.q.data(), static_cast<Index>(design.n), rank) *
      at.head(rank);
  fit.fixed_variance =
      (fixed.array() - fixed.mean()).square().sum() / static_cast<double>(design.n - 1);
  return fit;
}

}  // namespace kinflow::family
