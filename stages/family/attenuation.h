#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "stages/family/attenuation_options.h"

namespace kinflow::family {

/// Scores of several members in one model.
struct MemberScores {
  std::vector<std::string> roles;  // mother, father, child; each once
  Eigen::MatrixXd covariance;      // of the rows used
  Eigen::MatrixXd partial;         // the same given the other terms
};

/// What errors of measurement make of the coefficients b of a linear model: their expectation is
/// `kept` times the coefficients of the scores without error, for the same amount of score.
///
/// Imputed scores are expectations, so that an error is independent of the score itself (Berkson):
/// alone a coefficient is unbiased. In a joint model the error of one member is explained by the
/// score of another one, unless errors of parent and child correlate as their scores do (.5).
/// With r2 of I, correlations r of scores and e of errors, and v the variance of true scores,
/// cov(score i, error j) = v [(1 - I_j) r_ij - e_ij sqrt((1 - I_i)(1 - I_j))].
/// Errors of weights are added to the score (classical), and passed on as genes are: their
/// covariance is (1 - reliability) times the variances, .5 between parent and child.
struct Attenuation {
  Eigen::MatrixXd kept;
  double true_sd = 0;  // of the scores without error, in units of the scores in the model
};
/// Nothing if the errors would be larger than what the scores vary beside the other terms.
std::optional<Attenuation> AttenuationOf(const MemberScores& scores,
                                         const AttenuationOptions& options);

}  // namespace kinflow::family
