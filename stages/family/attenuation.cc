#include "stages/family/attenuation.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double InfoOf(const AttenuationOptions& options, const std::string& role) {
  return options.info[role == "mother" ? 0 : role == "father" ? 1 : 2];
}

/// Correlations between members: 1 on the diagonal, `spouses`, `parent_child` elsewhere.
MatrixXd Between(const std::vector<std::string>& roles, double spouses, double parent_child) {
  const auto k = static_cast<Index>(roles.size());
  MatrixXd out = MatrixXd::Identity(k, k);
  for (Index i = 0; i < k; ++i) {
    for (Index j = 0; j < k; ++j) {
      const bool child =
          roles[static_cast<size_t>(i)] == "child" || roles[static_cast<size_t>(j)] == "child";
      if (i != j) out(i, j) = child ? parent_child : spouses;
    }
  }
  return out;
}

// Of mother and father in the rows; 0 if one of them is not in the model.
double SpouseCorrelation(const MemberScores& scores) {
  const auto at = [&](const char* role) {
    return std::find(scores.roles.begin(), scores.roles.end(), role) - scores.roles.begin();
  };
  const Index m = at("mother"), f = at("father"), k = scores.covariance.rows();
  if (m == k || f == k) return 0;
  const MatrixXd& s = scores.covariance;
  return s(m, f) / std::sqrt(s(m, m) * s(f, f));
}

}  // namespace

std::optional<Attenuation> AttenuationOf(const MemberScores& scores,
                                         const AttenuationOptions& options) {
  const auto k = static_cast<Index>(scores.roles.size());
  const VectorXd variance = scores.covariance.diagonal();
  VectorXd unknown(k), true_sd(k);  // share of the imputation error; SD without it
  for (Index i = 0; i < k; ++i) {
    const double info = InfoOf(options, scores.roles[static_cast<size_t>(i)]);
    unknown(i) = 1 - info;
    true_sd(i) = std::sqrt(variance(i) / info);
  }
  const double spouses = SpouseCorrelation(scores);
  const MatrixXd r = Between(scores.roles, spouses, (1 + spouses) / 2),
                 e = Between(scores.roles, 0, options.error_correlation),
                 passed_on = Between(scores.roles, 0, 0.5);
  MatrixXd with_truth = scores.partial;  // covariance of the scores with those without error
  for (Index i = 0; i < k; ++i) {
    for (Index j = 0; j < k; ++j) {
      const double imputation = unknown(j) * r(i, j) - e(i, j) * std::sqrt(unknown(i) * unknown(j));
      with_truth(i, j) +=
          true_sd(i) * true_sd(j) * imputation -
          (1 - options.reliability) * std::sqrt(variance(i) * variance(j)) * passed_on(i, j);
    }
  }
  const MatrixXd symmetric = (with_truth + with_truth.transpose()) / 2;
  if (symmetric.llt().info() != Eigen::Success) return std::nullopt;
  Attenuation out;
  out.kept = scores.partial.ldlt().solve(with_truth);
  out.true_sd = std::sqrt(options.reliability * true_sd.squaredNorm() / static_cast<double>(k));
  return out;
}

}  // namespace kinflow::family
