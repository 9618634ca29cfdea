#pragma once

#include <Eigen/Core>
#include <vector>

namespace kinflow::family {

/// Weights of the chi-bar-square of one to three variances at zero: entry i is the probability that
/// i of them are above it, for estimates with the covariance `v` (Kudo 1963). They sum to 1.
std::vector<double> ChiBarWeights(const Eigen::MatrixXd& v);

/// Of two sets of variances that are estimated independently.
std::vector<double> Convolve(const std::vector<double>& a, const std::vector<double>& b);

/// P(X >= statistic) where X is a chi-square of `more` + i degrees of freedom with probability
/// weights[i]; `more`, above 0: parameters that are free to be of either sign.
double ChiBarSquareTail(double statistic, const std::vector<double>& weights, double more);

}  // namespace kinflow::family
