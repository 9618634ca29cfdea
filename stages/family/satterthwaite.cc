#include "stages/family/satterthwaite.h"

#include <utility>

#include "pipeline/base/nan.h"
#include "stages/family/block_sums.h"

namespace kinflow::family {

using Eigen::Index;
using Eigen::MatrixXd;

void Satterthwaite::Add(MatrixXd qg, MatrixXd adjusted_q) {
  const Index rank = qg.cols();
  if (qg.rows() > rank) {  // A keeps the span of Qg: turned into it, few rows have all products
    const Eigen::HouseholderQR<MatrixXd> span(qg);
    qg = MatrixXd(span.householderQ().transpose() * qg).topRows(rank).eval();
    adjusted_q = MatrixXd(span.householderQ().transpose() * adjusted_q).topRows(rank).eval();
  }
  for (Index i = 0; i < qg.rows(); ++i) {
    for (Index j = 0; j < rank; ++j) {
      q_.push_back(qg(i, j));
      adjusted_.push_back(adjusted_q(i, j));
    }
  }
  starts_.push_back(starts_.back() + qg.rows());
}

double Satterthwaite::Df(Index coefficient) const {
  MatrixXd one = MatrixXd::Zero(r_inv_.rows(), 1);
  one(coefficient, 0) = 1;
  return Df(one);
}

double Satterthwaite::Df(const MatrixXd& combinations) const {
  using Rows =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  const Index rank = r_inv_.rows(), n = combinations.cols(), rows = starts_.back(),
              clusters = static_cast<Index>(starts_.size()) - 1;
  const Rows q(q_.data(), rows, rank), adjusted(adjusted_.data(), rows, rank);
  MatrixXd a = adjusted * (r_inv_.transpose() * combinations);
  const auto of = [&](const auto& all, Index g) {
    const auto at = static_cast<size_t>(g);
    return all.middleRows(starts_[at], starts_[at + 1] - starts_[at]);
  };
  MatrixXd expected = MatrixXd::Zero(n, n);
  for (Index g = 0; g < clusters; ++g) {
    const MatrixXd ag = of(a, g), u = of(q, g).transpose() * ag;
    expected += ag.transpose() * ag - u.transpose() * u;
  }
  const Eigen::LLT<MatrixXd> root(expected);
  if (root.info() != Eigen::Success) return kNan;
  // Independent combinations of variance 1: the distribution is that of any of their rotations.
  a = root.matrixL().solve(a.transpose()).transpose().eval();
  double variance = 0;  // of all elements of their covariance
  MatrixXd us(rank * n, clusters);
  for (Index g = 0; g < clusters; ++g) {
    const MatrixXd ag = of(a, g), u = of(q, g).transpose() * ag, aa = ag.transpose() * ag,
                   uu = u.transpose() * u;
    variance += aa.trace() * (aa.trace() - 2 * uu.trace()) + (aa * (aa - 2 * uu)).trace();
    us.col(g) = Eigen::Map<const Eigen::VectorXd>(u.data(), u.size());
  }
  // Sums over all pairs of clusters of the squares of their u'u.
  MatrixXd cross = MatrixXd::Zero(us.rows(), us.rows());
  ForBlocks(clusters, [&](Index begin, Index size) {
    const auto block = us.middleCols(begin, size);
    cross += block * block.transpose();
  });
  for (Index s = 0; s < n; ++s) {
    for (Index t = 0; t < n; ++t) {
      const auto st = cross.block(s * rank, t * rank, rank, rank);
      const auto ts = cross.block(t * rank, s * rank, rank, rank);
      variance += st.squaredNorm() + st.cwiseProduct(ts).sum();
    }
  }
  return static_cast<double>(n * (n + 1)) / variance;
}

}  // namespace kinflow::family
