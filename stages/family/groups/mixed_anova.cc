#include "stages/family/groups/mixed_anova.h"

#include <Eigen/Core>
#include <cmath>

#include "pipeline/base/nan.h"
#include "stages/family/f_test.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Orthonormal contrasts of `waves` values: each wave against the mean of those before it.
MatrixXd Helmert(Index waves) {
  MatrixXd out = MatrixXd::Zero(waves, waves - 1);
  for (Index c = 0; c + 1 < waves; ++c) {
    const auto before = static_cast<double>(c + 1);
    const double norm = std::sqrt(before * (before + 1));
    out.col(c).head(c + 1).setConstant(-1 / norm);
    out(c + 1, c) = before / norm;
  }
  return out;
}

/// Sums of squares of some transformed scores (people x columns), summed over the columns.
struct SumsOfSquares {
  double overall = 0;  // of the unweighted mean of the groups' means
  double groups = 0;   // between them
  MatrixXd error;      // within them, with products of columns
};

SumsOfSquares Decompose(const MatrixXd& values, const std::vector<size_t>& group, size_t groups) {
  const Index k = values.cols();
  MatrixXd means = MatrixXd::Zero(static_cast<Index>(groups), k);
  VectorXd n = VectorXd::Zero(static_cast<Index>(groups));
  for (Index i = 0; i < values.rows(); ++i) {
    const auto g = static_cast<Index>(group[static_cast<size_t>(i)]);
    means.row(g) += values.row(i);
    n(g) += 1;
  }
  means = n.cwiseInverse().asDiagonal() * means;
  SumsOfSquares out;
  out.error = MatrixXd::Zero(k, k);
  for (Index i = 0; i < values.rows(); ++i) {
    const auto g = static_cast<Index>(group[static_cast<size_t>(i)]);
    const VectorXd d = (values.row(i) - means.row(g)).transpose();
    out.error += d * d.transpose();
  }
  const Eigen::RowVectorXd weighted = n.transpose() * means / n.sum();
  for (Index g = 0; g < means.rows(); ++g) {
    out.groups += n(g) * (means.row(g) - weighted).squaredNorm();
  }
  const auto count = static_cast<double>(groups);
  out.overall = means.colwise().mean().squaredNorm() / (n.cwiseInverse().sum() / (count * count));
  return out;
}

TestResult TestOfMeanSquares(double ss, double df1, double ss_error, double df2) {
  if (!(ss_error > 0) || !(df2 > 0) || !(df1 > 0)) return {kNan, df1, df2, kNan, kNan};
  return FTest(ss / df1 / (ss_error / df2), df1, df2);
}

}  // namespace

MixedAnova AnalyseMixed(const std::vector<std::vector<double>>& scores,
                        const std::vector<size_t>& group, size_t groups) {
  const auto people = static_cast<Index>(scores.size());
  const auto waves = static_cast<Index>(scores.front().size());
  MatrixXd values(people, waves);
  for (Index i = 0; i < people; ++i) {
    for (Index w = 0; w < waves; ++w) {
      values(i, w) = scores[static_cast<size_t>(i)][static_cast<size_t>(w)];
    }
  }
  const MatrixXd sums = values.rowwise().sum() / std::sqrt(static_cast<double>(waves));
  const SumsOfSquares between = Decompose(sums, group, groups);
  const SumsOfSquares within = Decompose(values * Helmert(waves), group, groups);
  const double error_between = between.error.trace(), error_within = within.error.trace();
  const double df_group = static_cast<double>(groups) - 1, df_wave = static_cast<double>(waves) - 1;
  const double df_people = static_cast<double>(people) - static_cast<double>(groups);
  MixedAnova out;
  out.people = scores.size();
  out.epsilon = error_within * error_within / (df_wave * (within.error * within.error).trace());
  const auto effect = [&](double ss, double df, double error, double df_error) {
    AnovaEffect e;
    e.f = TestOfMeanSquares(ss, df, error, df_error);
    e.greenhouse_geisser = {kNan, kNan, kNan, kNan, kNan};
    e.partial_eta2 = ss / (ss + error);
    e.generalised_eta2 = ss / (ss + error_between + error_within);
    return e;
  };
  out.group = effect(between.groups, df_group, error_between, df_people);
  out.wave = effect(within.overall, df_wave, error_within, df_people * df_wave);
  out.interaction = effect(within.groups, df_group * df_wave, error_within, df_people * df_wave);
  if (waves == 2) return out;
  for (AnovaEffect* e : {&out.wave, &out.interaction}) {
    const Tail tail = UpperF(e->f.statistic, e->f.df1 * out.epsilon, e->f.df2 * out.epsilon);
    e->greenhouse_geisser = {e->f.statistic, e->f.df1 * out.epsilon, e->f.df2 * out.epsilon, tail.p,
                             tail.neg_log10};
  }
  return out;
}

}  // namespace kinflow::family
