#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kinflow {

/// How the mean and the variance of a score follow principal components among the training people,
/// after the PGS Catalog calculator (scoring.md A7). PCs are standardised by the training people's
/// means and SDs, the score is centred by their mean; all SDs divide by n.
struct AncestryFit {
  int64_t n = 0;
  double offset = 0;  // mean of the score
  std::vector<double> pc_mean, pc_sd;
  std::vector<double> ols;           // intercept, PCs: least squares
  double residual_sd = 0;            // of ols
  std::vector<double> mean;          // intercept, PCs: maximum likelihood with the next
  std::vector<double> log_variance;  // intercept, PCs
  double nll = 0;                    // sum of 1/2 log v + 1/2 (y - mu)^2 / v at the minimum
  bool converged = false;

  /// (y - mean by ols) / residual_sd; NaN where a PC is.
  double ZNorm1(double y, const std::vector<double>& pcs) const;
  /// (y - mean) / sqrt(variance), both by maximum likelihood.
  double ZNorm2(double y, const std::vector<double>& pcs) const;
};

/// `y` by person, `pcs` by component and person; all values known. Maximum likelihood by Fisher
/// scoring in turn for mean and variance, whose information is block diagonal, with step halving.
/// Throws kTooFewRows (no residual degree of freedom) and kNoEstimableTerm (score or a component
/// without variance, components that depend on each other); `score` is for messages.
AncestryFit FitAncestry(const std::vector<double>& y, const std::vector<std::vector<double>>& pcs,
                        const std::string& score);

}  // namespace kinflow
