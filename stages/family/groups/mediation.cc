#include "stages/family/groups/mediation.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "pipeline/base/nan.h"
#include "pipeline/base/philox.h"
#include "stages/family/quantile.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

BootstrapEffect Summarise(std::vector<double> values, double conf_level) {
  if (values.size() < 20) return {kNan, kNan, kNan};
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double v : values) mean += v / n;
  for (const double v : values) squares += (v - mean) * (v - mean);
  std::sort(values.begin(), values.end());
  return {std::sqrt(squares / (n - 1)), SortedQuantile(values, (1 - conf_level) / 2),
          SortedQuantile(values, 1 - (1 - conf_level) / 2)};
}

/// Cross-products of design, mediator and outcome with a weight a row.
class Products {
 public:
  Products(const Design& design, const std::vector<double>& mediator)
      : k_(static_cast<Index>(design.k)), rows_(static_cast<Index>(design.n), k_ + 2) {
    for (Index c = 0; c < k_; ++c) {
      rows_.col(c) =
          Eigen::Map<const VectorXd>(design.Column(static_cast<size_t>(c)), rows_.rows());
    }
    rows_.col(k_) = Eigen::Map<const VectorXd>(mediator.data(), rows_.rows());
    rows_.col(k_ + 1) = Eigen::Map<const VectorXd>(design.y.data(), rows_.rows());
    // Unit columns: pivots tell of rank, not of units. Effects are given back in the own units.
    scale_ = rows_.colwise().norm().transpose();
    rows_ = rows_ * scale_.cwiseInverse().asDiagonal();
  }

  /// a b of each design column; false if the sample cannot be fitted.
  bool Effects(const VectorXd& weights, VectorXd& out) const {
    const MatrixXd m = rows_.transpose() * (weights.asDiagonal() * rows_);
    const Eigen::LDLT<MatrixXd> on_design(m.topLeftCorner(k_, k_));
    const Eigen::LDLT<MatrixXd> on_both(m.topLeftCorner(k_ + 1, k_ + 1));
    constexpr double kRank = 1e-10;
    if (on_design.vectorD().minCoeff() < kRank * on_design.vectorD().maxCoeff() ||
        on_both.vectorD().minCoeff() < kRank * on_both.vectorD().maxCoeff()) {
      return false;
    }
    const VectorXd a = on_design.solve(m.col(k_).head(k_));
    const double b = on_both.solve(m.col(k_ + 1).head(k_ + 1))(k_);
    // In own units: a scale_m / scale_x, b scale_y / scale_m.
    out = a.cwiseQuotient(scale_.head(k_)) * (b * scale_(k_ + 1));
    return true;
  }

 private:
  Index k_;
  MatrixXd rows_;
  VectorXd scale_;
};

}  // namespace

Bootstrap BootstrapIndirect(const Design& design, const std::vector<double>& mediator,
                            const std::vector<size_t>& columns, int64_t samples, uint64_t seed,
                            double conf_level) {
  const Products products(design, mediator);
  const bool clustered = !design.cluster.empty();
  const size_t units = clustered ? design.n_clusters : design.n;
  std::vector<std::vector<double>> effects(columns.size());
  std::vector<double> drawn(units);
  VectorXd weights(static_cast<Index>(design.n)), effect;
  Bootstrap out;
  for (int64_t s = 0; s < samples; ++s) {
    Philox random(seed, static_cast<uint64_t>(s));
    std::fill(drawn.begin(), drawn.end(), 0.0);
    for (size_t u = 0; u < units; ++u) ++drawn[random.Below(units)];
    for (size_t i = 0; i < design.n; ++i) {
      weights(static_cast<Index>(i)) = drawn[clustered ? design.cluster[i] : i];
    }
    if (!products.Effects(weights, effect)) continue;
    ++out.fitted;
    for (size_t c = 0; c < columns.size(); ++c) {
      effects[c].push_back(effect(static_cast<Index>(columns[c])));
    }
  }
  for (auto& values : effects) out.effects.push_back(Summarise(std::move(values), conf_level));
  return out;
}

}  // namespace kinflow::family
