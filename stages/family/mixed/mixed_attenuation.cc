#include "stages/family/mixed/mixed_attenuation.h"

#include <fmt/format.h>

#include <Eigen/LU>

#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// True if rows of one level of `inner` are all of one level of `outer`.
bool IsNested(const RandomBlock& inner, const RandomBlock& outer) {
  for (size_t i = 0; i < inner.level.size(); ++i) {
    if (outer.level[i] != outer.level[inner.first_row[inner.level[i]]]) return false;
  }
  return true;
}

bool IsConstantWithin(const RandomBlock& block, const double* x) {
  for (size_t i = 0; i < block.level.size(); ++i) {
    if (x[i] != x[block.first_row[block.level[i]]]) return false;
  }
  return true;
}

std::string WhyNot(const Design& design, const RandomDesign& random,
                   const std::vector<size_t>& columns) {
  const RandomBlock& outer = random.blocks.back();  // the one with the fewest levels
  for (const auto& block : random.blocks) {
    if (!block.related.empty()) return "levels of a random effect are related";
    if (!IsNested(block, outer)) {
      return fmt::format("levels of {} are not nested in those of {}", block.group, outer.group);
    }
  }
  for (const size_t c : columns) {
    if (IsConstantWithin(outer, design.Column(c))) continue;
    return fmt::format("{} varies within levels of {}, where errors of scores weigh otherwise",
                       design.columns[c].name, outer.group);
  }
  return "";
}

}  // namespace

ScoreMoments MomentsOf(const Design& design, const RandomDesign& random, const MixedFit& fit) {
  return [&](const std::vector<size_t>& columns,
             std::string& reason) -> std::optional<MemberScores> {
    reason = WhyNot(design, random, columns);
    if (!reason.empty()) return std::nullopt;
    const auto n = static_cast<Index>(design.n), k = static_cast<Index>(columns.size());
    MatrixXd w(n, k + 1), inverse(k, k);
    w.col(k).setOnes();
    for (Index i = 0; i < k; ++i) {
      const size_t c = columns[static_cast<size_t>(i)];
      const Eigen::Map<const VectorXd> x(design.Column(c), n);
      w.col(i) = x.array() - x.mean();
      for (Index j = 0; j < k; ++j) {
        inverse(i, j) = fit.vcov(fit.position[c], fit.position[columns[static_cast<size_t>(j)]]);
      }
    }
    Projected out;
    MakeProjection(random, w)->Evaluate(fit.theta, out);
    const double weight = out.m(k, k);  // of all rows
    const VectorXd mean = out.m.col(k).head(k) / weight;
    MemberScores scores;
    scores.covariance = out.m.topLeftCorner(k, k) / weight - mean * mean.transpose();
    scores.partial = fit.sigma * fit.sigma * inverse.inverse() / weight;
    return scores;
  };
}

Vcov MixedVcov(const MixedFit& fit) {
  Vcov out;
  out.rank = fit.rank;
  out.values.assign(fit.vcov.data(), fit.vcov.data() + fit.vcov.size());
  out.df.assign(out.rank, 0);
  for (size_t c = 0; c < fit.position.size(); ++c) {
    if (fit.position[c] < 0) continue;
    out.df[static_cast<size_t>(fit.position[c])] = MixedContrast(fit, {c}, {1}).df;
  }
  return out;
}

}  // namespace kinflow::family
