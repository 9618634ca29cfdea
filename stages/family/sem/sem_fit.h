#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "stages/family/sem/fiml.h"

namespace kinflow::family {

/// The maximum of a model's likelihood.
struct SemMaximum {
  Eigen::VectorXd theta;
  Eigen::MatrixXd information;  // observed
  Eigen::MatrixXd covariance;   // its inverse; rows and columns of parameters at their bound are 0
  std::vector<Eigen::Index> at_bound;  // variances held at 0, in ascending order
  double log_lik = 0;
  int iterations = 0;
  double max_abs_score = 0, last_step = 0;

  bool IsAtBound(Eigen::Index parameter) const {
    return std::find(at_bound.begin(), at_bound.end(), parameter) != at_bound.end();
  }
};

/// Starting values from the data's means and variances, in path.value of the free paths.
void SetStarts(const SemData& data, PathModel& model);

/// Fisher scoring with halved steps, then Newton steps to a gradient of rounding noise. `name`: of
/// the model, for messages. Throws kModelFailed (a model that is not identified, with the
/// parameters at fault; no convergence, with the best point's log-likelihood and gradient).
/// `nonneg`: variances are 0 or more; those at 0 are where the likelihood rises below, and errors
/// of the others are those of the model in which they are known to be 0.
SemMaximum Maximise(const SemData& data, const PathModel& model, const std::string& name,
                    bool nonneg = false);

/// All moments of the observed variables free; covariances of variables that no row has together
/// are zero, since nothing tells them.
PathModel SaturatedModel(const SemData& data, const PathModel& model);
/// Means and variances free, nothing related.
PathModel IndependenceModel(const PathModel& model);

/// V (sum s s') V with s the gradient of each row, or of each cluster, then times G / (G - 1).
Eigen::MatrixXd RobustCovariance(const SemData& data, const PathModel& model, const SemMaximum& at);

/// Moments of observed and exogenous variables together; the latter's are the sample's.
struct JointMoments {
  Eigen::MatrixXd covariance;
  Eigen::VectorXd mean;
};
JointMoments JointMomentsOf(const SemData& data, const ImpliedMoments& at);

/// Standardised value of every path: by the standard deviations of both ends (`nox`: only of the
/// explained one, for exogenous predictors), residual covariances as correlations.
Eigen::VectorXd Standardise(const SemData& data, const PathModel& model,
                            const Eigen::VectorXd& theta, bool nox);
/// Its standard errors by the delta method.
Eigen::VectorXd StandardisedErrors(const SemData& data, const PathModel& model,
                                   const Eigen::VectorXd& theta, const Eigen::MatrixXd& covariance,
                                   bool nox);

}  // namespace kinflow::family
