#include <Eigen/SparseCholesky>
#include <cmath>

#include "pipeline/base/error.h"
#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Sparse = Eigen::SparseMatrix<double>;

constexpr size_t kMaxEffects = 20'000'000;

class SparseProjection : public Projection {
 public:
  SparseProjection(const RandomDesign& random, const MatrixXd& w) : wtw_(w.transpose() * w) {
    const size_t columns = random.columns();
    if (columns > kMaxEffects) {
      throw Error(ErrorId::kLimitExceeded, "the model has more than 20 million random effects")
          .Field("formula")
          .Remedy("use grouping factors with fewer levels, or fewer slopes");
    }
    std::vector<Eigen::Triplet<double>> entries;
    size_t offset = 0;
    for (const auto& block : random.blocks) {
      shapes_.push_back({block.q(), block.levels(), offset});
      for (size_t i = 0; i < random.n; ++i) {
        for (size_t c = 0; c < block.q(); ++c) {
          entries.emplace_back(static_cast<int>(offset + block.level[i] * block.q() + c),
                               static_cast<int>(i), block.z[c * random.n + i]);
        }
      }
      offset += block.levels() * block.q();
    }
    Sparse zt(static_cast<Index>(columns), static_cast<Index>(random.n));
    zt.setFromTriplets(entries.begin(), entries.end());
    ztz_ = zt * Sparse(zt.transpose());
    ztw_ = zt * w;
    identity_.resize(ztz_.rows(), ztz_.cols());
    identity_.setIdentity();
    llt_.analyzePattern(Scaled(Lambda(VectorXd::Ones(static_cast<Index>(random.thetas())))));
  }

  void Evaluate(const VectorXd& theta, Projected& out) override {
    const Sparse lambda = Lambda(theta);
    llt_.factorize(Scaled(lambda));
    const auto& lower = llt_.matrixL().nestedExpression();
    out.log_det = 0;
    for (Index c = 0; c < lower.cols(); ++c) {
      out.log_det +=
          2 * std::log(Sparse::InnerIterator(lower, c).value());  // the diagonal is first
    }
    MatrixXd half = llt_.permutationP() * (lambda.transpose() * ztw_);
    llt_.matrixL().solveInPlace(half);
    out.m = wtw_;
    out.m.noalias() -= half.transpose() * half;
  }

 private:
  struct Shape {
    size_t q = 0, levels = 0, offset = 0;
  };

  Sparse Scaled(const Sparse& lambda) const {
    return Sparse(lambda.transpose() * ztz_) * lambda + identity_;
  }

  // Every level's factor along the diagonal; zeros stay as entries, so that the pattern is fixed.
  Sparse Lambda(const VectorXd& theta) const {
    std::vector<Eigen::Triplet<double>> entries;
    size_t at = 0;
    for (const auto& shape : shapes_) {
      const MatrixXd lower = LowerFactor(theta, at, shape.q);
      at += shape.q * (shape.q + 1) / 2;
      for (size_t level = 0; level < shape.levels; ++level) {
        const auto first = static_cast<Index>(shape.offset + level * shape.q);
        for (Index c = 0; c < lower.cols(); ++c) {
          for (Index r = c; r < lower.rows(); ++r) {
            entries.emplace_back(static_cast<int>(first + r), static_cast<int>(first + c),
                                 lower(r, c));
          }
        }
      }
    }
    Sparse out(ztz_.rows(), ztz_.cols());
    out.setFromTriplets(entries.begin(), entries.end());
    return out;
  }

  std::vector<Shape> shapes_;
  MatrixXd wtw_, ztw_;
  Sparse ztz_, identity_;
  Eigen::SimplicialLLT<Sparse> llt_;
};

}  // namespace

std::unique_ptr<Projection> ProjectSparse(const RandomDesign& random, const MatrixXd& w) {
  return std::make_unique<SparseProjection>(random, w);
}

}  // namespace kinflow::family
