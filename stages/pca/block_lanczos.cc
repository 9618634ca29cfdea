#include "stages/pca/block_lanczos.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>

#include "pipeline/base/philox.h"

namespace kinflow::pca {
namespace {

using Eigen::MatrixXd;

MatrixXd RandomBlock(int64_t rows, int64_t columns) {
  Philox random(20'080'811, 0);
  MatrixXd block(rows, columns);
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t r = 0; r < rows; ++r) block(r, c) = random.Normal();
  }
  return block;
}

/// Takes what lies in the space of `basis` out of `block` and returns it in coordinates of the
/// basis. Twice is enough (Kahan).
MatrixXd Orthogonalise(const MatrixXd& basis, MatrixXd& block) {
  MatrixXd all = MatrixXd::Zero(basis.cols(), block.cols());
  for (int i = 0; i < 2; ++i) {
    const MatrixXd part = basis.transpose() * block;
    block -= basis * part;
    all += part;
  }
  return all;
}

/// Orthonormal columns that span `block`; those of norm below `least` beside the others are left
/// out.
MatrixXd Orthonormal(const MatrixXd& block, double least) {
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(block);
  const auto diagonal = qr.matrixQR().diagonal().cwiseAbs();
  int64_t rank = 0;
  while (rank < diagonal.size() && diagonal[rank] > least) ++rank;
  if (rank == 0) return MatrixXd(block.rows(), 0);
  return qr.householderQ() * MatrixXd::Identity(block.rows(), rank);
}

}  // namespace

Eigenpairs LargestEigenpairs(int64_t n, const std::function<MatrixXd(const MatrixXd&)>& product,
                             const LanczosOptions& options) {
  const int64_t width = std::min<int64_t>(n, options.block);
  const int64_t wanted = std::min<int64_t>(n, options.wanted);
  MatrixXd basis(n, 0), inner;  // inner = basis' S basis
  MatrixXd block = Orthonormal(RandomBlock(n, width), 0);
  Eigenpairs found;
  for (;;) {
    MatrixXd rest = product(block);
    ++found.products;
    const int64_t before = basis.cols(), now = before + block.cols();
    basis.conservativeResize(Eigen::NoChange, now);
    basis.rightCols(block.cols()) = block;
    const MatrixXd part = Orthogonalise(basis, rest);
    inner.conservativeResize(now, now);
    inner.rightCols(block.cols()) = part;
    inner.bottomRows(block.cols()) = part.transpose();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(inner);
    const int64_t k = std::min(wanted, now);
    const MatrixXd ritz = solver.eigenvectors().rowwise().reverse().leftCols(k);
    found.values = solver.eigenvalues().reverse().head(k);
    found.errors = (rest * ritz.bottomRows(block.cols())).colwise().norm();
    const bool good =
        k == wanted &&
        (found.errors.array() <= options.tolerance * found.values.array().abs()).all();
    block = Orthonormal(rest, 1e-10 * found.values[0]);
    if (block.cols() > n - now) block = block.leftCols(n - now).eval();
    if (good || found.products == options.most_products || block.cols() == 0) {
      found.vectors = basis * ritz;
      return found;
    }
    Orthogonalise(basis, block);
    block = Orthonormal(block, 0.5);
  }
}

}  // namespace kinflow::pca
