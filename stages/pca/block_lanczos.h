#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>

namespace kinflow::pca {

/// Largest eigenpairs of a symmetric positive semidefinite matrix.
struct Eigenpairs {
  Eigen::VectorXd values;   // descending
  Eigen::MatrixXd vectors;  // columns, of length one
  Eigen::VectorXd errors;   // norms of S v - lambda v
  uint32_t products = 0;
};

struct LanczosOptions {
  uint32_t wanted = 10;
  uint32_t block = 20;  // columns of a product
  uint32_t most_products = 30;
  double tolerance = 1e-6;  // of each error, as a share of its eigenvalue
};

/// Block Lanczos with full reorthogonalisation (Golub and Van Loan, Matrix Computations, 10.3.6):
/// the matrix, n x n, is seen through `product` (S times n x block columns) alone. The start is
/// random with a fixed seed, so that equal products give equal bits. Ends when all wanted pairs are
/// within the tolerance or nothing is left to find; errors say how good the pairs are otherwise.
Eigenpairs LargestEigenpairs(int64_t n,
                             const std::function<Eigen::MatrixXd(const Eigen::MatrixXd&)>& product,
                             const LanczosOptions& options);

}  // namespace kinflow::pca
