#pragma once

#include <Eigen/Core>
#include <vector>

#include "stages/family/mixed/mixed_fit.h"

namespace kinflow::family {

/// Tests of fixed effects for small samples (Kenward and Roger 1997, Biometrics 53:983, as
/// pbkrtest): the covariance of the estimates allows for that of the variances, and the F statistic
/// is scaled to the F distribution that it is nearest to.
class KenwardRoger {
 public:
  /// Writes the covariance of the rows out. Throws kModelFailed for more than kMaxRows rows, for
  /// which Satterthwaite's tests say the same.
  KenwardRoger(const Design& design, const RandomDesign& random, const MixedFit& fit);
  static constexpr size_t kMaxRows = 2000;

  /// l'b of one contrast; `columns` are design columns.
  LinearResult Contrast(const std::vector<size_t>& columns,
                        const std::vector<double>& weights) const;
  /// F of the design columns; aliased columns are left out.
  TestResult F(const std::vector<size_t>& columns) const;

 private:
  struct Degrees {
    double df = 0, scale = 1;
  };
  /// Rows of `l`: the contrasts tested together.
  Degrees DegreesOf(const Eigen::MatrixXd& l) const;

  MixedFit fit_;
  Eigen::MatrixXd adjusted_;        // covariance of the estimates
  std::vector<Eigen::MatrixXd> p_;  // X'V^-1 G V^-1 X of each variance parameter
  Eigen::MatrixXd parameters_;      // covariance of the variance parameters
};

}  // namespace kinflow::family
