#include "stages/pca/shrinkage.h"

#include <cmath>
#include <limits>

#include "pipeline/base/philox.h"

namespace kinflow::pca {
namespace {

// Random columns that the sum of squares of the other eigenvalues is estimated from (Hutchinson).
constexpr int64_t kProbes = 20;
// Of fewer eigenvalues nothing is said.
constexpr int64_t kLeastRest = 10;

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
  const double mean = (trace - found.values.sum()) / static_cast<double>(rest);
  const double variance = squares / static_cast<double>(rest) - mean * mean;
  if (!(mean > 0) || !(variance >= 0)) return shrinkage;
  const double edge = mean * std::pow(1 + std::sqrt(variance) / mean, 2);
  for (int64_t k = 0; k < shrinkage.size(); ++k) {
    const double value = found.values[k];
    if (value <= edge) continue;
    shrinkage[k] = 1 - mean / value - variance / (value * (value - mean));
  }
  return shrinkage;
}

}  // namespace kinflow::pca
