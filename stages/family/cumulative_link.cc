#include "stages/family/cumulative_link.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "stages/family/block_sums.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxIterations = 60;
constexpr double kScore = 1e-10, kStep = 1e-8;

// A distribution function, what is above it, and its first two derivatives. Of the two shares the
// smaller one has all its digits.
struct Cdf {
  double below = 0, above = 0, density = 0, slope = 0;
};

Cdf At(double x, bool probit) {
  double tail = 0, density = 0, slope = 0;
  if (probit) {
    tail = std::erfc(std::abs(x) / std::numbers::sqrt2) / 2;
    density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    slope = -x * density;
  } else {
    const double e = std::exp(-std::abs(x));
    tail = e / (1 + e);
    density = tail / (1 + e);
    slope = density * (x < 0 ? 1 - 2 * tail : 2 * tail - 1);
  }
  return x < 0 ? Cdf{tail, 1 - tail, density, slope} : Cdf{1 - tail, tail, density, slope};
}

}  // namespace

struct CumulativeLink::Slopes {
  VectorXd log_p;
  VectorXd up, low;                 // d ln P by the upper and the lower cut point
  VectorXd up_up, low_low, up_low;  // second derivatives
  explicit Slopes(Index n) : log_p(n), up(n), low(n), up_up(n), low_low(n), up_low(n) {}
};

CumulativeLink::CumulativeLink(const std::vector<uint32_t>& category, uint32_t categories,
                               const MatrixXd& x, const MatrixXd& z, bool probit,
                               const std::vector<double>& weight)
    : thresholds_(static_cast<Index>(categories) - 1),
      slopes_(x.cols()),
      own_slopes_(z.cols()),
      categories_(categories),
      n_(static_cast<Index>(category.size())),
      probit_(probit) {
  for (size_t i = 0; i < category.size(); ++i) {
    categories_[category[i]].rows.push_back(static_cast<Index>(i));
  }
  for (Category& of : categories_) {
    const auto n = static_cast<Index>(of.rows.size());
    of.by_cut = MatrixXd::Ones(n, 1 + z.cols());
    of.by_cut.rightCols(z.cols()) = -z(of.rows, Eigen::all);
    of.by_b = -x(of.rows, Eigen::all);
    of.weight = VectorXd::Ones(n);
    for (Index i = 0; i < n && !weight.empty(); ++i) {
      of.weight(i) = weight[static_cast<size_t>(of.rows[static_cast<size_t>(i)])];
    }
  }
}

std::vector<Index> CumulativeLink::CutParameters(Index k) const {
  if (k < 0 || k >= thresholds_) return {};
  std::vector<Index> out{k};
  for (Index j = 0; j < own_slopes_; ++j) {
    out.push_back(thresholds_ + slopes_ + k * own_slopes_ + j);
  }
  return out;
}

CumulativeLink::CutPoints CumulativeLink::CutPointsAt(const VectorXd& theta, Index category) const {
  const Category& of = categories_[static_cast<size_t>(category)];
  const auto n = static_cast<Index>(of.rows.size());
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const VectorXd common = of.by_b * theta.segment(thresholds_, slopes_);
  const auto cut = [&](Index k, double none) -> VectorXd {
    const auto parameters = CutParameters(k);
    if (parameters.empty()) return VectorXd::Constant(n, none);
    return common + of.by_cut * theta(parameters);
  };
  return {cut(category, kInfinity), cut(category - 1, -kInfinity)};
}

CumulativeLink::Slopes CumulativeLink::At(const VectorXd& theta, Index category) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto [upper, lower] = CutPointsAt(theta, category);
  const Index n = upper.size();
  Slopes out(n);
  for (Index i = 0; i < n; ++i) {
    const Cdf u = std::isinf(upper(i)) ? Cdf{1, 0, 0, 0} : family::At(upper(i), probit_);
    const Cdf l = std::isinf(lower(i)) ? Cdf{0, 1, 0, 0} : family::At(lower(i), probit_);
    // In the upper tail the difference is taken between the complements, which are small there.
    const double p = lower(i) > 0 ? l.above - u.above : u.below - l.below;
    out.log_p(i) = p > 0 ? std::log(p) : -kInfinity;
    out.up(i) = u.density / p;
    out.low(i) = -l.density / p;
    out.up_up(i) = u.slope / p - out.up(i) * out.up(i);
    out.low_low(i) = -l.slope / p - out.low(i) * out.low(i);
    out.up_low(i) = -out.up(i) * out.low(i);
  }
  return out;
}

void CumulativeLink::AddCategory(Index category, Maximum& at) const {
  const Category& of = categories_[static_cast<size_t>(category)];
  const Slopes d = At(at.theta, category);
  const auto weighted = [&](const VectorXd& values) -> VectorXd {
    return of.weight.cwiseProduct(values);
  };
  at.log_lik += BlockSum(weighted(d.log_p).array());
  // Information by the upper and the lower cut point, and by both; b moves the two alike.
  const VectorXd up_up = weighted(-d.up_up), low_low = weighted(-d.low_low),
                 both = weighted(-d.up_low);
  const auto own = std::array{CutParameters(category), CutParameters(category - 1)};
  const auto first = std::array{weighted(d.up), weighted(d.low)};
  const auto second = std::array{up_up, low_low};
  const auto b = Eigen::seqN(thresholds_, slopes_);
  at.gradient(b) += of.by_b.transpose() * (first[0] + first[1]);
  at.information(b, b) += WeightedCross(of.by_b, up_up + low_low + 2 * both);
  for (size_t side = 0; side < 2; ++side) {
    if (own[side].empty()) continue;
    at.gradient(own[side]) += of.by_cut.transpose() * first[side];
    at.information(own[side], own[side]) += WeightedCross(of.by_cut, second[side]);
    const MatrixXd by_both = of.by_b.transpose() * (second[side] + both).asDiagonal() * of.by_cut;
    at.information(b, own[side]) += by_both;
    at.information(own[side], b) += by_both.transpose();
  }
  if (own[0].empty() || own[1].empty()) return;
  const MatrixXd across = WeightedCross(of.by_cut, both);
  at.information(own[0], own[1]) += across;
  at.information(own[1], own[0]) += across.transpose();
}

void CumulativeLink::Differentiate(Maximum& at) const {
  at.gradient = VectorXd::Zero(parameters());
  at.information = MatrixXd::Zero(parameters(), parameters());
  at.log_lik = 0;
  for (Index category = 0; category <= thresholds_; ++category) AddCategory(category, at);
}

VectorXd CumulativeLink::PlainStart() const {
  VectorXd theta = VectorXd::Zero(parameters());
  double below = 0;
  for (Index k = 0; k < thresholds_; ++k) {
    below += static_cast<double>(categories_[static_cast<size_t>(k)].rows.size());
    const double share = below / static_cast<double>(n_);
    theta(k) = probit_ ? QuantileT(share, std::numeric_limits<double>::infinity())
                       : std::log(share / (1 - share));
  }
  return theta;
}

CumulativeLink::Maximum CumulativeLink::Maximise(const VectorXd& start) const {
  Maximum at;
  at.theta = start;
  Differentiate(at);
  while (at.iterations < kMaxIterations && !at.converged) {
    const Eigen::LDLT<MatrixXd> solver(at.information);
    if (solver.info() != Eigen::Success || !solver.isPositive()) return at;
    ++at.iterations;
    at.step = solver.solve(at.gradient);
    if (!at.step.allFinite()) return at;
    double fraction = 1;
    const double least = at.log_lik - 1e-12 * (1 + std::abs(at.log_lik));
    Maximum next = at;
    next.theta = at.theta + at.step;
    Differentiate(next);
    while (!(next.log_lik >= least) && fraction > 1e-8) {
      fraction /= 2;
      next.theta = at.theta + fraction * at.step;
      Differentiate(next);
    }
    if (!(next.log_lik >= least)) return at;
    next.last_step = fraction * at.step.cwiseAbs().maxCoeff();
    next.converged =
        next.gradient.cwiseAbs().maxCoeff() < kScore * (1 + std::abs(next.log_lik) * 1e-3) &&
        next.last_step < kStep * (1 + next.theta.cwiseAbs().maxCoeff());
    at = std::move(next);
  }
  return at;
}

VectorXd CumulativeLink::Recession(const VectorXd& start, const Maximum& at) const {
  Maximum first;
  first.theta = start;
  Differentiate(first);
  // Where the information has all but gone, steps went on to run; what they ran there is a
  // direction to be looked at row by row, as a row far from the others leaves little too.
  constexpr double kGone = 1e-8;  // of the information at the start
  const Eigen::GeneralizedSelfAdjointEigenSolver<MatrixXd> eigen(at.information, first.information);
  if (eigen.info() != Eigen::Success) return {};
  const auto gone = (eigen.eigenvalues().array() < kGone).count();  // they ascend
  if (gone == 0) return {};
  const MatrixXd flat = eigen.eigenvectors().leftCols(gone);  // orthonormal by first.information
  const VectorXd direction = flat * (flat.transpose() * first.information * (at.theta - start));
  double most = 0, against = 0;
  for (Index category = 0; category <= thresholds_; ++category) {
    const CutPoints moves = CutPointsAt(direction, category);
    if (category < thresholds_) {
      most = std::max(most, moves.upper.cwiseAbs().maxCoeff());
      against = std::max(against, -moves.upper.minCoeff());
    }
    if (category > 0) {
      most = std::max(most, moves.lower.cwiseAbs().maxCoeff());
      against = std::max(against, moves.lower.maxCoeff());
    }
  }
  constexpr double kFar = 1, kNoise = 1e-9;
  return most > kFar && against <= kNoise * most ? direction : VectorXd();
}

MatrixXd CumulativeLink::Scores(const VectorXd& theta) const {
  MatrixXd out = MatrixXd::Zero(n_, parameters());
  const auto b = Eigen::seqN(thresholds_, slopes_);
  for (Index category = 0; category <= thresholds_; ++category) {
    const Category& of = categories_[static_cast<size_t>(category)];
    const Slopes d = At(theta, category);
    const auto own = std::array{CutParameters(category), CutParameters(category - 1)};
    const auto first =
        std::array<VectorXd, 2>{of.weight.cwiseProduct(d.up), of.weight.cwiseProduct(d.low)};
    out(of.rows, b) = (first[0] + first[1]).asDiagonal() * of.by_b;
    for (size_t side = 0; side < 2; ++side) {
      if (own[side].empty()) continue;
      out(of.rows, own[side]) = first[side].asDiagonal() * of.by_cut;
    }
  }
  return out;
}

}  // namespace kinflow::family
