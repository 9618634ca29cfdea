#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

namespace kinflow::family {

/// Derivatives of the values f(theta) by element j: differences of fourth order, with steps of 1e-4
/// of the element. f is called four times and throws through.
template <class Function>
Eigen::VectorXd CentralDifference(const Function& f, const Eigen::VectorXd& theta, Eigen::Index j) {
  const double h = 1e-4 * std::max(0.1, std::abs(theta(j)));
  const auto at = [&](double steps) -> Eigen::VectorXd {
    Eigen::VectorXd moved = theta;
    moved(j) += steps * h;
    return f(moved);
  };
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
}

/// The same by all elements, a column each; f has `values` values.
template <class Function>
Eigen::MatrixXd CentralDifferences(const Function& f, const Eigen::VectorXd& theta,
                                   Eigen::Index values) {
  Eigen::MatrixXd out(values, theta.size());
  for (Eigen::Index j = 0; j < theta.size(); ++j) out.col(j) = CentralDifference(f, theta, j);
  return out;
}

}  // namespace kinflow::family
