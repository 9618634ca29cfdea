#include "stages/family/spatial/effect_values.h"

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>
#include <cmath>

#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;

// y less the fixed part.
VectorXd Residuals(const Design& design, const MixedFit& fit) {
  VectorXd out = Eigen::Map<const VectorXd>(design.y.data(), static_cast<Index>(design.n));
  for (size_t c = 0; c < design.k; ++c) {
    if (std::isnan(fit.coef[c])) continue;
    out -= fit.coef[c] * Eigen::Map<const VectorXd>(design.Column(c), static_cast<Index>(design.n));
  }
  return out;
}

}  // namespace

// u = L v with (L'Z'ZL + I) v = L'Z'(y - Xb), L the relative factor: no inverse of a covariance
// that may be singular.
std::vector<MatrixXd> EffectValues(const Design& design, const RandomDesign& random,
                                   const MixedFit& fit) {
  std::vector<MatrixXd> factors;
  std::vector<Eigen::Triplet<double>> entries;
  size_t theta = 0, first = 0;
  for (const auto& block : random.blocks) {
    const size_t q = block.q();
    factors.push_back(LowerFactor(fit.theta, theta, q));
    theta += block.thetas();
    for (size_t i = 0; i < random.n; ++i) {
      for (size_t c = 0; c < q; ++c) {
        double value = 0;
        for (size_t r = c; r < q; ++r) {
          value += block.z[r * random.n + i] *
                   factors.back()(static_cast<Index>(r), static_cast<Index>(c));
        }
        entries.emplace_back(static_cast<int>(i), static_cast<int>(first + block.level[i] * q + c),
                             value);
      }
    }
    first += block.levels() * q;
  }
  const auto columns = static_cast<Index>(first);
  Sparse zl(static_cast<Index>(random.n), columns);
  zl.setFromTriplets(entries.begin(), entries.end());
  Sparse identity(columns, columns);
  identity.setIdentity();
  const Sparse inner = Sparse(zl.transpose()) * zl + identity;
  const Eigen::SimplicialLLT<Sparse> cholesky(inner);
  const VectorXd v = cholesky.solve(VectorXd(zl.transpose() * Residuals(design, fit)));
  std::vector<MatrixXd> out;
  Index at = 0;
  for (size_t b = 0; b < random.blocks.size(); ++b) {
    const auto q = static_cast<Index>(random.blocks[b].q());
    const auto levels = static_cast<Index>(random.blocks[b].levels());
    const Eigen::Map<const MatrixXd> spherical(v.data() + at, q, levels);
    out.push_back((factors[b] * spherical).transpose());
    at += q * levels;
  }
  return out;
}

}  // namespace kinflow::family
