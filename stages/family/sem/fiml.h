#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "stages/family/sem/path_model.h"

namespace kinflow::family {

/// Rows with the same observed variables, by their sums of squares and products.
struct PatternData {
  std::vector<Eigen::Index> variables;  // columns of y that are there
  std::vector<Eigen::Index> rows;
  Eigen::MatrixXd yy, yw, ww;  // w = (1, z)
  double n() const { return static_cast<double>(rows.size()); }
};

/// Observations of a model: y with NaN where missing, z complete. Rows without any y are kept, but
/// carry no information.
struct SemData {
  Eigen::MatrixXd y, w;               // n x p, n x (1 + q)
  std::vector<PatternData> patterns;  // in order of appearance; none for rows without any y
  std::vector<int64_t> cluster;       // dense codes, or empty
  size_t groups = 1;                  // whose variables no row has together
  Eigen::Index rows() const { return y.rows(); }
};
SemData GroupByPattern(Eigen::MatrixXd y, Eigen::MatrixXd z, std::vector<int64_t> cluster);

/// Moments a model implies, given the exogenous variables.
struct ImpliedMoments {
  Eigen::MatrixXd inverse;  // (I - A)^-1, m x m
  Eigen::MatrixXd s, k;     // m x m, m x (1 + q)
  Eigen::MatrixXd sigma;    // p x p, of the observed variables
  Eigen::MatrixXd mean;     // p x (1 + q): E(y) = mean (1, z)
};

/// Full-information maximum likelihood: normal log-likelihood over patterns of missing values with
/// its derivatives by the free parameters. Thread-safe.
class Fiml {
 public:
  /// References must outlive it.
  Fiml(const SemData& data, const PathModel& model) : data_(data), model_(model) {}

  ImpliedMoments Implied(const Eigen::VectorXd& theta) const;
  /// Minus infinity where an implied covariance is not positive definite.
  double LogLik(const Eigen::VectorXd& theta) const;
  Eigen::VectorXd Gradient(const Eigen::VectorXd& theta) const;
  /// Expected information, given which values are missing.
  Eigen::MatrixXd Information(const Eigen::VectorXd& theta) const;
  /// Second derivatives by central differences of the gradient, fourth order.
  Eigen::MatrixXd Hessian(const Eigen::VectorXd& theta) const;
  /// Gradient of each row: n x parameters.
  Eigen::MatrixXd Scores(const Eigen::VectorXd& theta) const;

 private:
  /// Gradient by the parameters from that by sigma (as a full symmetric matrix) and mean.
  Eigen::VectorXd Chain(const ImpliedMoments& at, const Eigen::MatrixXd& by_sigma,
                        const Eigen::MatrixXd& by_mean) const;

  const SemData& data_;
  const PathModel& model_;
};

}  // namespace kinflow::family
