#include <algorithm>
#include <cmath>

#include "stages/family/mixed/projection.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Level of the outer factor in which each inner level lies; empty if one lies in several.
std::vector<uint32_t> ParentsOf(const RandomBlock& inner, const RandomBlock& outer) {
  std::vector<uint32_t> parent;
  for (const uint32_t row : inner.first_row) parent.push_back(outer.level[row]);
  for (size_t i = 0; i < inner.level.size(); ++i) {
    if (parent[inner.level[i]] != outer.level[i]) return {};
  }
  return parent;
}

// Eliminating the intercept of a level with weight 1'V^-1 1 = s and 1'V^-1 W = t replaces V^-1 by
// V^-1 - (theta^2 / d) V^-1 1 1' V^-1, d = 1 + theta^2 s: the level passes s / d and t / d on to
// the level around it, and takes theta^2 / d t't off W'V^-1 W.
class NestedProjection : public Projection {
 public:
  NestedProjection(const RandomDesign& random, const MatrixXd& w) : wtw_(w.transpose() * w) {
    const RandomBlock& inner = random.blocks.front();
    const auto levels = static_cast<Index>(inner.levels());
    s0_ = VectorXd::Zero(levels);
    t0_ = MatrixXd::Zero(w.cols(), levels);
    for (size_t i = 0; i < inner.level.size(); ++i) {
      const auto level = static_cast<Index>(inner.level[i]);
      s0_(level) += 1;
      t0_.col(level) += w.row(static_cast<Index>(i));
    }
    for (size_t b = 0; b + 1 < random.blocks.size(); ++b) {
      parents_.push_back(ParentsOf(random.blocks[b], random.blocks[b + 1]));
      outer_levels_.push_back(static_cast<Index>(random.blocks[b + 1].levels()));
    }
  }

  void Evaluate(const VectorXd& theta, Projected& out) override {
    out.log_det = 0;
    out.m = wtw_;
    VectorXd s = s0_;
    MatrixXd t = t0_;
    for (Index b = 0; b < theta.size(); ++b) {
      const double square = theta(b) * theta(b);
      const VectorXd d = (1 + square * s.array()).matrix();
      out.log_det += d.array().log().sum();
      const MatrixXd scaled = t * (square * d.cwiseInverse()).asDiagonal();
      out.m.noalias() -= scaled * t.transpose();
      if (b + 1 == theta.size()) break;
      const auto at = static_cast<size_t>(b);
      VectorXd outer_s = VectorXd::Zero(outer_levels_[at]);
      MatrixXd outer_t = MatrixXd::Zero(t.rows(), outer_levels_[at]);
      for (Index level = 0; level < s.size(); ++level) {
        const auto parent = static_cast<Index>(parents_[at][static_cast<size_t>(level)]);
        outer_s(parent) += s(level) / d(level);
        outer_t.col(parent) += t.col(level) / d(level);
      }
      s = std::move(outer_s);
      t = std::move(outer_t);
    }
  }

 private:
  MatrixXd wtw_;
  VectorXd s0_;  // rows of each inner level
  MatrixXd t0_;  // w x levels: sums of W over them
  std::vector<std::vector<uint32_t>> parents_;
  std::vector<Index> outer_levels_;
};

}  // namespace

bool AreNestedIntercepts(const RandomDesign& random) {
  for (size_t b = 0; b < random.blocks.size(); ++b) {
    if (!random.blocks[b].IsIntercept()) return false;
    if (b > 0 && ParentsOf(random.blocks[b - 1], random.blocks[b]).empty()) return false;
  }
  return true;
}

std::unique_ptr<Projection> ProjectNested(const RandomDesign& random, const MatrixXd& w) {
  return std::make_unique<NestedProjection>(random, w);
}

}  // namespace kinflow::family
