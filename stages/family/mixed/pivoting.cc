#include "stages/family/mixed/pivoting.h"

#include <algorithm>
#include <numeric>

#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

void Reorder(const std::vector<size_t>& order, size_t n, RandomBlock& block, MatrixXd& back) {
  const RandomBlock before = block;
  const MatrixXd back_before = back;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto from = before.z.begin() + static_cast<std::ptrdiff_t>(order[i] * n);
    std::copy(from, from + static_cast<std::ptrdiff_t>(n),
              block.z.begin() + static_cast<std::ptrdiff_t>(i * n));
    block.terms[i] = before.terms[order[i]];
    back.col(static_cast<Index>(i)) = back_before.col(static_cast<Index>(order[i]));
  }
}

}  // namespace

std::optional<CentredEffects> ByFallingVariance(const CentredEffects& effects,
                                                const Eigen::VectorXd& theta) {
  CentredEffects out = effects;
  bool moved = false;
  size_t at = 0;
  for (size_t b = 0; b < out.random.blocks.size(); ++b) {
    RandomBlock& block = out.random.blocks[b];
    const Eigen::VectorXd variance = LowerFactor(theta, at, block.q()).rowwise().squaredNorm();
    at += block.thetas();
    std::vector<size_t> order(block.q());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&variance](size_t i, size_t j) {
      return variance(static_cast<Index>(i)) > variance(static_cast<Index>(j));
    });
    if (std::is_sorted(order.begin(), order.end())) continue;
    moved = true;
    Reorder(order, out.random.n, block, out.back[b]);
  }
  if (!moved) return std::nullopt;
  return out;
}

}  // namespace kinflow::family
