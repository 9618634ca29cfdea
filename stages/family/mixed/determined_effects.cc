#include "stages/family/mixed/determined_effects.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <cmath>

#include "pipeline/base/error.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Is column `c` of the block, level by level, in the span of the fixed effects? So many orthogonal
// columns need as many of these.
bool IsDetermined(const OlsFit& ols, const std::vector<double>& weight, const RandomBlock& block,
                  size_t c) {
  constexpr double kLeft = 1e-12;  // of a column's squares: rounding of sums
  const auto rank = static_cast<Index>(ols.qr.rank), levels = static_cast<Index>(block.levels());
  if (levels > rank) return false;
  const Eigen::Map<const MatrixXd> q(ols.qr.q.data(), static_cast<Index>(ols.n), rank);
  MatrixXd along = MatrixXd::Zero(rank, levels);
  VectorXd squares = VectorXd::Zero(levels);
  for (size_t i = 0; i < ols.n; ++i) {
    double z = block.z[c * ols.n + i];
    if (!weight.empty()) z *= std::sqrt(weight[i]);
    along.col(block.level[i]) += z * q.row(static_cast<Index>(i)).transpose();
    squares(block.level[i]) += z * z;
  }
  const VectorXd left = squares - along.colwise().squaredNorm().transpose();
  return (left.array() <= kLeft * squares.array()).all();
}

}  // namespace

void RefuseDetermined(const OlsFit& ols, const std::vector<double>& weight,
                      const RandomDesign& random) {
  for (const RandomBlock& block : random.blocks) {
    for (size_t c = 0; c < block.q(); ++c) {
      if (!IsDetermined(ols, weight, block, c)) continue;
      throw Error(ErrorId::kModelFailed,
                  fmt::format("the fixed effects determine {} of each level of {}: the variance of "
                              "this random effect is not identified",
                              block.terms[c], block.group))
          .Field("formula")
          .Value("(" + block.term + ")")
          .Remedy(fmt::format("leave the random effect of {0} out, as (1 | {0}:b) in place of "
                              "(1 | {0}/b), or make {0} no fixed effect",
                              block.group));
    }
  }
}

}  // namespace kinflow::family
