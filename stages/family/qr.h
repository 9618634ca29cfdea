#pragma once

#include <cstddef>
#include <vector>

#include "stages/family/shared_vector.h"

namespace kinflow::family {

/// Thin QR of a column-major n x k matrix with R's limited column pivoting (LINPACK dqrdc2): a
/// column whose remaining norm falls below `tolerance` x its own norm goes to the end. Columns in
/// use keep their order; signs of the columns of Q are free.
struct PivotedQr {
  size_t n = 0, rank = 0;
  std::vector<size_t> used;   // `rank` column indices, ascending
  SharedVector<double> q;     // n x rank, column-major, orthonormal
  std::vector<double> r_inv;  // rank x rank, column-major, upper triangular
};

PivotedQr FactorQr(const std::vector<double>& x, size_t n, size_t k, double tolerance = 1e-7);

/// A column of n numbers beside those of Q.
struct QrOutcome {
  std::vector<double> effects;    // Q'y
  std::vector<double> residuals;  // y - Q Q'y, orthogonal to Q to rounding
};
QrOutcome ProjectOn(const PivotedQr& qr, std::vector<double> y);

}  // namespace kinflow::family
