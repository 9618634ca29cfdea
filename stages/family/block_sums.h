#pragma once

#include <Eigen/Core>
#include <algorithm>

namespace kinflow::family {

/// Rows a partial sum: fixed, so that sums never depend on cuts; blocks are summed in their order,
/// which keeps digits.
inline constexpr Eigen::Index kSumBlock = 4096;

/// Calls sum(begin, rows) for each block.
template <class Sum>
void ForBlocks(Eigen::Index n, const Sum& sum) {
  for (Eigen::Index begin = 0; begin < n; begin += kSumBlock) {
    sum(begin, std::min(kSumBlock, n - begin));
  }
}

/// Sum of a column of an expression. Adding 0 takes its address away: where a sum of stored numbers
/// begins to use vector registers depends on that, and so do its last bits.
template <class Expression>
double BlockSum(const Expression& values) {
  double total = 0;
  ForBlocks(values.size(), [&](Eigen::Index begin, Eigen::Index rows) {
    total += (values.segment(begin, rows) + 0.0).sum();
  });
  return total;
}

/// Q' diag(w) Q.
template <class Matrix>
Eigen::MatrixXd WeightedCross(const Matrix& q, const Eigen::VectorXd& w) {
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(q.cols(), q.cols());
  ForBlocks(q.rows(), [&](Eigen::Index begin, Eigen::Index rows) {
    const Eigen::MatrixXd block = q.middleRows(begin, rows);
    sum += block.transpose() * (w.segment(begin, rows).asDiagonal() * block);
  });
  return sum;
}

}  // namespace kinflow::family
