#include <Eigen/Cholesky>
#include <map>

#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Levels with the same Z'Z. Their Z'W (q x w each) enter as the sum of the outer products of their
// entries if there are enough of them, else one by one.
struct LevelClass {
  MatrixXd ztz;
  double count = 0;
  MatrixXd outer;  // (q w) x (q w), entry order of a column-major Z'W
  std::vector<MatrixXd> ztw;
};

class LevelProjection : public Projection {
 public:
  LevelProjection(const RandomBlock& block, const MatrixXd& w)
      : q_(static_cast<Index>(block.q())), w_(w.cols()), wtw_(w.transpose() * w) {
    const auto n = static_cast<size_t>(w.rows());
    const size_t levels = block.levels();
    std::vector<MatrixXd> ztz(levels, MatrixXd::Zero(q_, q_)), ztw(levels, MatrixXd::Zero(q_, w_));
    VectorXd z(q_);
    for (size_t i = 0; i < n; ++i) {
      for (Index c = 0; c < q_; ++c) z(c) = block.z[static_cast<size_t>(c) * n + i];
      ztz[block.level[i]].noalias() += z * z.transpose();
      ztw[block.level[i]].noalias() += z * w.row(static_cast<Index>(i));
    }
    std::map<std::vector<double>, std::vector<size_t>> classes;
    for (size_t g = 0; g < levels; ++g) {
      classes[{ztz[g].data(), ztz[g].data() + ztz[g].size()}].push_back(g);
    }
    for (const auto& [key, members] : classes) {
      LevelClass c;
      c.ztz = ztz[members.front()];
      c.count = static_cast<double>(members.size());
      if (members.size() > static_cast<size_t>(q_)) {
        c.outer = MatrixXd::Zero(q_ * w_, q_ * w_);
        for (const size_t g : members) {
          const Eigen::Map<const VectorXd> entries(ztw[g].data(), q_ * w_);
          c.outer.noalias() += entries * entries.transpose();
        }
      } else {
        for (const size_t g : members) c.ztw.push_back(ztw[g]);
      }
      classes_.push_back(std::move(c));
    }
  }

  void Evaluate(const VectorXd& theta, Projected& out) override {
    const MatrixXd lambda = LowerFactor(theta, 0, static_cast<size_t>(q_));
    out.log_det = 0;
    out.m = wtw_;
    for (const auto& c : classes_) {
      const Eigen::LLT<MatrixXd> llt(lambda.transpose() * c.ztz * lambda +
                                     MatrixXd::Identity(q_, q_));
      out.log_det += 2 * c.count * llt.matrixLLT().diagonal().array().log().sum();
      const MatrixXd half = llt.matrixL().solve(lambda.transpose());
      for (const auto& ztw : c.ztw) {
        const MatrixXd b = half * ztw;
        out.m.noalias() -= b.transpose() * b;
      }
      if (c.outer.size() == 0) continue;
      const MatrixXd k = half.transpose() * half;
      for (Index a = 0; a < w_; ++a) {
        for (Index b = 0; b < w_; ++b) {
          out.m(a, b) -= k.cwiseProduct(c.outer.block(a * q_, b * q_, q_, q_)).sum();
        }
      }
    }
  }

 private:
  Index q_, w_;
  MatrixXd wtw_;
  std::vector<LevelClass> classes_;
};

}  // namespace

MatrixXd LowerFactor(const VectorXd& theta, size_t at, size_t q) {
  MatrixXd lower = MatrixXd::Zero(static_cast<Index>(q), static_cast<Index>(q));
  for (Index c = 0; c < lower.cols(); ++c) {
    for (Index r = c; r < lower.rows(); ++r) lower(r, c) = theta(static_cast<Index>(at++));
  }
  return lower;
}

std::unique_ptr<Projection> ProjectByLevel(const RandomBlock& block, const MatrixXd& w) {
  return std::make_unique<LevelProjection>(block, w);
}

std::unique_ptr<Projection> MakeProjection(const RandomDesign& random, const MatrixXd& w) {
  if (HasRelatives(random)) return ProjectRelatives(random, w);
  if (random.blocks.size() == 1) return ProjectByLevel(random.blocks.front(), w);
  if (AreNestedIntercepts(random)) return ProjectNested(random, w);
  return ProjectSparse(random, w);
}

}  // namespace kinflow::family
