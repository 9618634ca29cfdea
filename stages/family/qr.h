#pragma once

#include <cstddef>
#include <vector>

namespace kinflow::family {

/// Thin QR of a column-major n x k matrix with R's limited column pivoting (LINPACK dqrdc2): a
/// column whose remaining norm falls below `tolerance` x its own norm goes to the end. Columns in
/// use keep their order; signs of the columns of Q are free.
struct PivotedQr {
  size_t n = 0, rank = 0;
  std::vector<size_t> used;       // `rank` column indices, ascending
  std::vector<double> q;          // n x rank, column-major, orthonormal
  std::vector<double> r_inv;      // rank x rank, column-major, upper triangular
  std::vector<double> effects;    // Q1'y
  std::vector<double> residuals;  // y - Q1 Q1'y
};

PivotedQr FactorQr(const std::vector<double>& x, size_t n, size_t k, const std::vector<double>& y,
                   double tolerance = 1e-7);

}  // namespace kinflow::family
