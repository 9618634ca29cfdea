#include "stages/family/mixed/variance_components.h"

#include <cmath>

namespace kinflow::family {

void AddVarianceComponents(const RowKey& key, const RandomDesign& random, const MixedFit& fit,
                           std::vector<VarcompRow>& out) {
  double all = fit.residual_variance;
  for (const double v : fit.random_variance) all += v;
  for (size_t b = 0; b < random.blocks.size(); ++b) {
    const RandomBlock& block = random.blocks[b];
    const Eigen::MatrixXd& cov = fit.covariance[b];
    const auto sd = [&](Eigen::Index i) { return std::sqrt(cov(i, i)); };
    VarcompRow row{key, block.group, "NA", "NA"};
    row.n_levels = static_cast<int64_t>(block.levels());
    row.vpc = fit.random_variance[b] / all;
    for (Eigen::Index i = 0; i < cov.rows(); ++i) {
      row.term1 = block.terms[static_cast<size_t>(i)];
      row.variance = cov(i, i);
      row.sd = sd(i);
      out.push_back(row);
    }
    row.sd = kNa;
    for (Eigen::Index j = 0; j < cov.cols(); ++j) {
      for (Eigen::Index i = j + 1; i < cov.rows(); ++i) {
        row.term1 = block.terms[static_cast<size_t>(j)];
        row.term2 = block.terms[static_cast<size_t>(i)];
        row.variance = cov(i, j);
        row.corr = cov(i, j) / (sd(i) * sd(j));
        out.push_back(row);
      }
    }
  }
  VarcompRow residual{key, "Residual", "NA", "NA", fit.sigma * fit.sigma, fit.sigma};
  residual.vpc = fit.residual_variance / all;
  out.push_back(residual);
}

bool ArePerfectlyCorrelated(const Eigen::MatrixXd& covariance, Eigen::Index a, Eigen::Index b) {
  const double scale = std::sqrt(covariance(a, a) * covariance(b, b));
  return scale > 0 && std::abs(covariance(a, b)) > (1 - 1e-7) * scale;
}

}  // namespace kinflow::family
