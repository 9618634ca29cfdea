#pragma once

#include <Eigen/Core>
#include <functional>

namespace kinflow::family {

/// A function value with its first and second derivatives.
struct Derivatives {
  double value = 0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd hessian;
};

using Objective = std::function<double(const Eigen::VectorXd&)>;

/// By central differences: fourth order in single variables, second in pairs. `steps`: one a
/// variable; StepsFor() chooses them so that the value moves by about 1e-3, and well within the
/// distance to zero.
Derivatives Differentiate(const Objective& f, const Eigen::VectorXd& x,
                          const Eigen::VectorXd& steps);
Eigen::VectorXd StepsFor(const Eigen::VectorXd& x, const Eigen::MatrixXd& hessian);

/// Minimum of a smooth function of few variables, such as -2 ln L, by Newton steps; directions of
/// negative curvature are turned, and steps halved until the value falls. Deterministic. Usual fits
/// need 5 to 20 steps; those with a variance near zero beside a slope's follow a bent valley (see
/// pivoting.h).
struct NewtonResult {
  Eigen::VectorXd x;
  Derivatives at;        // of x; its value is the minimum
  double last_step = 0;  // largest move of a variable in the last step
  int iterations = 0;
  bool converged = false;  // expected gain below 1e-10 and no direction of negative curvature
};
NewtonResult MinimiseByNewton(const Objective& f, const Eigen::VectorXd& start,
                              int max_iterations = 1000);

}  // namespace kinflow::family
