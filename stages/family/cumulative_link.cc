#include "stages/family/cumulative_link.h"

#include <Eigen/Dense>
#include <algorithm>
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

// A distribution function with its first two derivatives.
struct Cdf {
  double value = 0, density = 0, slope = 0;
};

Cdf At(double x, bool probit) {
  if (probit) {
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    return {std::erfc(-x / std::numbers::sqrt2) / 2, density, -x * density};
  }
  const double e = std::exp(-std::abs(x)), low = e / (1 + e);  // of the smaller tail
  const double density = low / (1 + e);
  const double value = x < 0 ? low : 1 - low;
  return {value, density, density * (x < 0 ? 1 - 2 * low : 2 * low - 1)};
}

}  // namespace

struct CumulativeLink::Row {
  double log_p = 0;
  double up = 0, low = 0;                     // d ln P by the upper and the lower cut point
  double up_up = 0, low_low = 0, up_low = 0;  // second derivatives
};

CumulativeLink::CumulativeLink(const std::vector<uint32_t>& category, uint32_t categories,
                               MatrixXd x, MatrixXd z, bool probit,
                               const std::vector<double>& weight)
    : category_(category),
      weight_(weight),
      thresholds_(static_cast<Index>(categories) - 1),
      x_(std::move(x)),
      z_(std::move(z)),
      probit_(probit) {}

CumulativeLink::Row CumulativeLink::At(const VectorXd& theta, Index i) const {
  const Index k = category_[static_cast<size_t>(i)];
  const double eta = x_.cols() > 0 ? x_.row(i).dot(theta.segment(thresholds_, x_.cols())) : 0;
  const auto cut = [&](Index t) {
    double value = theta(t) - eta;
    if (z_.cols() > 0) {
      value -= z_.row(i).dot(theta.segment(thresholds_ + x_.cols() + t * z_.cols(), z_.cols()));
    }
    return value;
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double upper = k < thresholds_ ? cut(k) : kInfinity;
  const double lower = k > 0 ? cut(k - 1) : -kInfinity;
  const Cdf u = std::isinf(upper) ? Cdf{1, 0, 0} : family::At(upper, probit_);
  const Cdf l = std::isinf(lower) ? Cdf{0, 0, 0} : family::At(lower, probit_);
  // In the upper tail the difference is taken between the complements, which are small there.
  double p = u.value - l.value;
  if (lower > 0) {
    p = family::At(-lower, probit_).value -
        (std::isinf(upper) ? 0 : family::At(-upper, probit_).value);
  }
  Row row;
  row.log_p = p > 0 ? std::log(p) : -kInfinity;
  row.up = u.density / p;
  row.low = -l.density / p;
  row.up_up = u.slope / p - row.up * row.up;
  row.low_low = -l.slope / p - row.low * row.low;
  row.up_low = -row.up * row.low;
  return row;
}

void CumulativeLink::Direction(Index i, Index k, VectorXd& out) const {
  out.setZero();
  out(k) = 1;
  if (x_.cols() > 0) out.segment(thresholds_, x_.cols()) = -x_.row(i).transpose();
  if (z_.cols() > 0) {
    out.segment(thresholds_ + x_.cols() + k * z_.cols(), z_.cols()) = -z_.row(i).transpose();
  }
}

void CumulativeLink::Differentiate(Maximum& at) const {
  const Index m = parameters();
  at.gradient = VectorXd::Zero(m);
  at.information = MatrixXd::Zero(m, m);
  at.log_lik = 0;
  VectorXd up(m), low(m), gradient = at.gradient;
  MatrixXd block = at.information;
  double log_lik = 0;
  for (Index i = 0; i < x_.rows(); ++i) {
    const Index k = category_[static_cast<size_t>(i)];
    const Row row = At(at.theta, i);
    const double w = Weight(i);
    log_lik += w * row.log_p;
    if (k < thresholds_) {
      Direction(i, k, up);
      gradient += w * row.up * up;
      block.selfadjointView<Eigen::Lower>().rankUpdate(up, -w * row.up_up);
    }
    if (k > 0) {
      Direction(i, k - 1, low);
      gradient += w * row.low * low;
      block.selfadjointView<Eigen::Lower>().rankUpdate(low, -w * row.low_low);
    }
    if (k < thresholds_ && k > 0) {
      block.selfadjointView<Eigen::Lower>().rankUpdate(up, low, -w * row.up_low);
    }
    if ((i + 1) % kSumBlock == 0 || i + 1 == x_.rows()) {
      at.log_lik += log_lik;
      at.gradient += gradient;
      at.information += block;
      log_lik = 0;
      gradient.setZero();
      block.setZero();
    }
  }
  at.information = MatrixXd(at.information.selfadjointView<Eigen::Lower>());
}

VectorXd CumulativeLink::PlainStart() const {
  VectorXd theta = VectorXd::Zero(parameters());
  std::vector<double> counts(static_cast<size_t>(thresholds_) + 1, 0.0);
  for (const uint32_t c : category_) ++counts[c];
  double below = 0;
  for (Index k = 0; k < thresholds_; ++k) {
    below += counts[static_cast<size_t>(k)];
    const double share = below / static_cast<double>(category_.size());
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

MatrixXd CumulativeLink::Scores(const VectorXd& theta) const {
  MatrixXd out(x_.rows(), parameters());
  VectorXd direction(parameters());
  for (Index i = 0; i < x_.rows(); ++i) {
    const Index k = category_[static_cast<size_t>(i)];
    const Row row = At(theta, i);
    out.row(i).setZero();
    if (k < thresholds_) {
      Direction(i, k, direction);
      out.row(i) += Weight(i) * row.up * direction.transpose();
    }
    if (k > 0) {
      Direction(i, k - 1, direction);
      out.row(i) += Weight(i) * row.low * direction.transpose();
    }
  }
  return out;
}

}  // namespace kinflow::family
