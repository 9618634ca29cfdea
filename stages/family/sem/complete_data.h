#pragma once

#include "stages/family/sem/sem_fit.h"

namespace kinflow::family {

/// The chi-square that a model would have if no value were missing, and what its discrepancy grows
/// by with each degree of freedom where data are not normal.
struct CompleteDataChiSquare {
  double chisq = 0, scaling = 1;
};

/// Fit of models to the means and covariances that the saturated model estimates from incomplete
/// data, for robust indices: FIML-C(V3) of Zhang and Savalei (2023, Psychological Methods 28:263),
/// as in lavaan. For rows of one group.
class CompleteData {
 public:
  CompleteData(const SemData& data, PathModel saturated_model, const SemMaximum& saturated);
  /// Of a model at `theta`; `df` above 0.
  CompleteDataChiSquare Of(const PathModel& model, const Eigen::VectorXd& theta, double df) const;

 private:
  /// Derivatives of the saturated model's parameters, which are moments, by those of `model`.
  Eigen::MatrixXd MomentSlopes(const PathModel& model, const Eigen::VectorXd& theta) const;

  SemData complete_;  // sums of squares and products alone
  PathModel saturated_model_;
  Eigen::VectorXd saturated_;    // its parameters
  Eigen::MatrixXd information_;  // about them, of the incomplete data
  Eigen::MatrixXd loss_;         // the complete data's, between inverses of the incomplete data's
  Eigen::MatrixXd spread_;       // their robust covariance
};

}  // namespace kinflow::family
