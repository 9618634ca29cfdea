#include "stages/family/sem/chi_bar_square.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// P(all above zero) of up to three normal variables with this covariance.
double OrthantProbability(const MatrixXd& v) {
  const Index p = v.rows();
  double angles = 0;
  for (Index i = 0; i < p; ++i) {
    for (Index j = 0; j < i; ++j) {
      angles += std::asin(std::clamp(v(i, j) / std::sqrt(v(i, i) * v(j, j)), -1.0, 1.0));
    }
  }
  const double powers = std::pow(2.0, static_cast<double>(p));  // of as many signs
  return (1 + 2 / std::numbers::pi * angles) / powers;
}

}  // namespace

std::vector<double> ChiBarWeights(const MatrixXd& v) {
  const double all = OrthantProbability(v), none = OrthantProbability(v.inverse());
  if (v.rows() == 1) return {none, all};
  if (v.rows() == 2) return {none, 0.5, all};
  return {none, 0.5 - all, 0.5 - none, all};  // even and odd ones sum to a half each
}

std::vector<double> Convolve(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out(a.size() + b.size() - 1, 0.0);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) out[i + j] += a[i] * b[j];
  }
  return out;
}

double ChiBarSquareTail(double statistic, const std::vector<double>& weights, double more) {
  double p = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    p += weights[i] * UpperChi2(statistic, more + static_cast<double>(i)).p;
  }
  return p;
}

}  // namespace kinflow::family
