#include <Eigen/OrderingMethods>
#include <Eigen/SparseCholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/error.h"
#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;
using Entry = Eigen::Triplet<double>;

constexpr size_t kMaxEntries = 200'000'000;

// Lower triangle of Z R Z', R the correlation of the levels.
std::vector<Entry> CovarianceEntries(const RandomBlock& block, size_t n) {
  std::vector<std::vector<int>> rows(block.levels());
  for (size_t i = 0; i < n; ++i) rows[block.level[i]].push_back(static_cast<int>(i));
  std::vector<Entry> out;
  const auto add = [&](int i, int j, double r) {
    out.emplace_back(std::max(i, j), std::min(i, j), r);
    if (out.size() <= kMaxEntries) return;
    throw Error(ErrorId::kLimitExceeded, "too many pairs of rows are related")
        .Field("formula")
        .Value(block.group)
        .Remedy("use a larger threshold of relatedness, or grouping factors with smaller groups");
  };
  for (const auto& level : rows) {
    for (size_t a = 0; a < level.size(); ++a) {
      for (size_t b = 0; b <= a; ++b) add(level[a], level[b], 1);
    }
  }
  for (const auto& pair : block.related) {
    for (const int i : rows[pair.a]) {
      for (const int j : rows[pair.b]) add(i, j, pair.r);
    }
  }
  return out;
}

Sparse FromEntries(const std::vector<Entry>& entries, Index n) {
  Sparse out(n, n);
  out.setFromTriplets(entries.begin(), entries.end());
  return out;
}

class RelativesProjection : public Projection {
 public:
  RelativesProjection(const RandomDesign& random, const MatrixXd& w) {
    const auto n = static_cast<Index>(random.n);
    std::vector<std::vector<Entry>> blocks;
    std::vector<Entry> pattern;  // of all blocks, with zeros for values
    for (const auto& block : random.blocks) {
      blocks.push_back(CovarianceEntries(block, random.n));
      for (const auto& entry : blocks.back()) pattern.emplace_back(entry.row(), entry.col(), 0.0);
    }
    const auto place = FillReducingOrder(FromEntries(pattern, n));
    const auto move = [&place](Entry& entry) {
      const int i = place(entry.row()), j = place(entry.col());
      entry = Entry(std::max(i, j), std::min(i, j), entry.value());
    };
    for (auto& entry : pattern) move(entry);
    for (auto& entries : blocks) {
      for (auto& entry : entries) move(entry);
      entries.insert(entries.end(), pattern.begin(), pattern.end());
      covariances_.push_back(FromEntries(entries, n));
    }
    v_ = FromEntries(pattern, n);
    w_.resize(w.rows(), w.cols());
    for (Index i = 0; i < n; ++i) w_.row(place(i)) = w.row(i);
    llt_.analyzePattern(v_);
  }

  void Evaluate(const VectorXd& theta, Projected& out) override {
    Eigen::Map<VectorXd> values(v_.valuePtr(), v_.nonZeros());
    values.setZero();
    for (size_t b = 0; b < covariances_.size(); ++b) {
      const double share = theta(static_cast<Index>(b)) * theta(static_cast<Index>(b));
      values += share * Eigen::Map<const VectorXd>(covariances_[b].valuePtr(), v_.nonZeros());
    }
    for (Index i = 0; i < v_.cols(); ++i) {
      v_.valuePtr()[v_.outerIndexPtr()[i]] += 1;  // the diagonal is a column's first entry
    }
    llt_.factorize(v_);
    out.m = MatrixXd::Identity(w_.cols(), w_.cols());
    out.log_det = std::numeric_limits<double>::infinity();
    if (llt_.info() != Eigen::Success) return;
    const auto& lower = llt_.matrixL().nestedExpression();
    out.log_det = 0;
    for (Index c = 0; c < lower.cols(); ++c) {
      out.log_det += 2 * std::log(Sparse::InnerIterator(lower, c).value());
    }
    half_ = w_;
    llt_.matrixL().solveInPlace(half_);
    out.m.noalias() = half_.transpose() * half_;
  }

 private:
  static Eigen::VectorXi FillReducingOrder(const Sparse& pattern) {
    Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> order;
    Eigen::AMDOrdering<int> amd;
    amd(Sparse(pattern.selfadjointView<Eigen::Lower>()), order);
    Eigen::VectorXi place(pattern.cols());
    for (int i = 0; i < place.size(); ++i) place(order.indices()(i)) = i;
    return place;
  }

  std::vector<Sparse> covariances_;  // of each block for theta 1, all with the pattern of v_
  Sparse v_;
  MatrixXd w_, half_;
  Eigen::SimplicialLLT<Sparse, Eigen::Lower, Eigen::NaturalOrdering<int>> llt_;
};

}  // namespace

bool HasRelatives(const RandomDesign& random) {
  return std::any_of(random.blocks.begin(), random.blocks.end(),
                     [](const RandomBlock& block) { return !block.related.empty(); });
}

std::unique_ptr<Projection> ProjectRelatives(const RandomDesign& random, const MatrixXd& w) {
  return std::make_unique<RelativesProjection>(random, w);
}

}  // namespace kinflow::family
