#include "stages/pca/shrinkage.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/base/philox.h"

namespace kinflow::pca {
namespace {

// Random columns that the sum of squares of the other eigenvalues is estimated from (Hutchinson).
constexpr int64_t kProbes = 20;
// Of fewer eigenvalues nothing is said.
constexpr int64_t kLeastRest = 10;

/// Eigenvalues that chance alone gives.
struct Bulk {
  double n, sum, squares;

  void Add(double value) {
    ++n;
    sum += value;
    squares += value * value;
  }
  double mean() const { return sum / n; }
  double variance() const { return std::max(0.0, squares / n - mean() * mean()); }
  /// The largest of them, with room for how it varies (Tracy and Widom).
  double Edge() const {
    return mean() * std::pow(1 + std::sqrt(variance()) / mean(), 2) * (1 + std::pow(n, -2.0 / 3));
  }
};

}  // namespace

Eigen::VectorXd Shrinkage(const Eigenpairs& found, double trace,
                          const std::function<Eigen::MatrixXd(const Eigen::MatrixXd&)>& product) {
  const int64_t n = found.vectors.rows(), rest = n - found.values.size();
  Eigen::VectorXd shrinkage =
      Eigen::VectorXd::Constant(found.values.size(), std::numeric_limits<double>::quiet_NaN());
  if (rest < kLeastRest) return shrinkage;
  Philox random(19'990'611, 0);
  Eigen::MatrixXd probes(n, kProbes);
  for (double& value : probes.reshaped()) value = random.Normal();
  const auto without_found = [&](const Eigen::MatrixXd& block) -> Eigen::MatrixXd {
    return block - found.vectors * (found.vectors.transpose() * block);
  };
  const double squares = without_found(product(without_found(probes))).squaredNorm() / kProbes;
  // What is not told from chance joins the rest, the smallest first.
  Bulk bulk{static_cast<double>(rest), trace - found.values.sum(), squares};
  int64_t spikes = found.values.size();
  while (spikes > 0) {
    Bulk with = bulk;
    with.Add(found.values[spikes - 1]);
    if (found.values[spikes - 1] > with.Edge()) break;
    bulk = with;
    --spikes;
  }
  const double mean = bulk.mean(), variance = bulk.variance();
  for (int64_t k = 0; k < spikes; ++k) {
    const double value = found.values[k];
    shrinkage[k] = 1 - mean / value - variance / (value * (value - mean));
  }
  return shrinkage;
}

}  // namespace kinflow::pca
