#include "stages/family/mixed/newton.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kGain = 1e-10;  // of -2 ln L: far below any tolerance of an estimate
// Variables are in units in which 1 is a usual value. Criteria are alike at both signs of a
// standard deviation: twice a usual start would lead to its mirror image.
constexpr double kLargestStep = 1.5;
constexpr double kSufficient = 1e-4;  // share of the slope that a step must gain (Armijo 1966)

struct Direction {
  VectorXd step;
  double gain = 0;        // expected fall of the value, halved: g'|H|^-1 g
  bool negative = false;  // there is negative curvature
};

Direction NewtonDirection(const VectorXd& x, const Derivatives& at) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(at.hessian);
  const VectorXd& values = eigen.eigenvalues();
  const double largest = std::max(values.cwiseAbs().maxCoeff(), 1e-300);
  const VectorXd size = values.cwiseAbs().cwiseMax(1e-10 * largest);
  const VectorXd along = eigen.eigenvectors().transpose() * at.gradient;
  Direction out;
  out.gain = along.cwiseProduct(along).cwiseQuotient(size).sum();
  out.step = -(eigen.eigenvectors() * along.cwiseQuotient(size));
  out.negative = values(0) < -1e-6 * largest;
  if (out.negative && out.gain < kGain) {  // a saddle: leave it along the steepest way down
    out.step = eigen.eigenvectors().col(0) / std::sqrt(size(0));
  }
  const double norm = out.step.cwiseAbs().maxCoeff();
  const double largest_step = std::max(kLargestStep, x.cwiseAbs().maxCoeff());
  if (norm > largest_step) out.step *= largest_step / norm;
  return out;
}

}  // namespace

VectorXd StepsFor(const VectorXd& x, const MatrixXd& hessian) {
  VectorXd steps(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double scale = std::max(1.0, std::abs(x(i)));
    const double h = hessian.size() > 0 && hessian(i, i) > 0 ? std::sqrt(2e-3 / hessian(i, i)) : 0;
    steps(i) = h > 0 ? std::clamp(h, 1e-5 * scale, 1e-2 * scale) : 1e-3 * scale;
    // A small standard deviation has its mirror image across a low rise: differences that reach
    // there tell nothing of where it stands.
    if (x(i) != 0) steps(i) = std::min(steps(i), std::max(std::abs(x(i)) / 8, 5e-4));
  }
  return steps;
}

Derivatives Differentiate(const Objective& f, const VectorXd& x, const VectorXd& steps) {
  const Index m = x.size();
  Derivatives out{f(x), VectorXd(m), MatrixXd(m, m)};
  const auto at = [&](Index i, double a, Index j, double b) {
    VectorXd moved = x;
    moved(i) += a * steps(i);
    moved(j) += b * steps(j);
    return f(moved);
  };
  for (Index i = 0; i < m; ++i) {
    const double p1 = at(i, 1, i, 0), m1 = at(i, -1, i, 0), p2 = at(i, 2, i, 0),
                 m2 = at(i, -2, i, 0), h = steps(i);
    out.gradient(i) = (8 * (p1 - m1) - (p2 - m2)) / (12 * h);
    out.hessian(i, i) = (16 * (p1 + m1) - (p2 + m2) - 30 * out.value) / (12 * h * h);
    for (Index j = 0; j < i; ++j) {
      const double mixed = at(i, 1, j, 1) - at(i, 1, j, -1) - at(i, -1, j, 1) + at(i, -1, j, -1);
      out.hessian(i, j) = out.hessian(j, i) = mixed / (4 * h * steps(j));
    }
  }
  return out;
}

NewtonResult MinimiseByNewton(const Objective& f, const VectorXd& start, int max_iterations) {
  NewtonResult out;
  out.x = start;
  out.at = Differentiate(f, out.x, StepsFor(out.x, {}));
  bool polished = false;
  while (out.iterations < max_iterations) {
    const Direction direction = NewtonDirection(out.x, out.at);
    const bool near = direction.gain < kGain && !direction.negative;
    if (near && polished) {
      out.converged = true;
      return out;
    }
    ++out.iterations;
    // Values carry rounding noise of about 1e-15 of their size.
    const double noise = 1e-13 * (1 + std::abs(out.at.value));
    const double slope = std::min(0.0, out.at.gradient.dot(direction.step));
    double fraction = 1, value = f(out.x + direction.step);
    const auto falls = [&] {
      return value <= out.at.value + noise + kSufficient * fraction * slope;
    };
    while (!falls() && fraction > 1e-8) {
      fraction /= 2;
      value = f(out.x + fraction * direction.step);
    }
    if (!falls()) return out;
    out.last_step = fraction * direction.step.cwiseAbs().maxCoeff();
    out.x += fraction * direction.step;
    out.at = Differentiate(f, out.x, StepsFor(out.x, out.at.hessian));
    polished = near;  // one more step from inside the goal: steps gain twice the digits there
  }
  return out;
}

}  // namespace kinflow::family
