#include "stages/family/spatial/autocorrelation.h"

#include <algorithm>

#include "pipeline/base/nan.h"
#include "pipeline/base/philox.h"

namespace kinflow::family {
namespace {

/// Deviations from the mean with their sums of powers.
struct Deviations {
  std::vector<double> z;
  double squares = 0, fourths = 0;
};

Deviations DeviationsOf(const std::vector<double>& values) {
  Deviations out;
  double mean = 0;
  for (const double v : values) mean += v / static_cast<double>(values.size());
  for (const double v : values) {
    const double z = v - mean;
    out.z.push_back(z);
    out.squares += z * z;
    out.fourths += z * z * z * z;
  }
  return out;
}

// Sum of w_ij z_i z_j.
double Products(const std::vector<double>& z, const SpatialWeights& weights) {
  double sum = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    double lag = 0;
    for (const auto& [j, w] : weights.rows[i]) lag += w * z[j];
    sum += z[i] * lag;
  }
  return sum;
}

// Sum of w_ij (z_i - z_j)^2.
double SquaredDifferences(const std::vector<double>& z, const SpatialWeights& weights) {
  double sum = 0;
  for (size_t i = 0; i < z.size(); ++i) {
    for (const auto& [j, w] : weights.rows[i]) sum += w * (z[i] - z[j]) * (z[i] - z[j]);
  }
  return sum;
}

/// How many permutations lie at or beyond the observed value on either side.
class Extremes {
 public:
  explicit Extremes(double observed) : observed_(observed) {}
  void Add(double value) {
    above_ += value >= observed_;
    below_ += value <= observed_;
  }
  double P(int64_t permutations) const {
    const auto side = static_cast<double>(std::min(above_, below_) + 1);
    return std::min(1.0, 2 * side / static_cast<double>(permutations + 1));
  }

 private:
  double observed_;
  int64_t above_ = 0, below_ = 0;
};

}  // namespace

Autocorrelation MoranI(const std::vector<double>& values, const SpatialWeights& weights) {
  const Deviations d = DeviationsOf(values);
  const auto n = static_cast<double>(values.size());
  const double s0 = weights.s0, s1 = weights.s1, s2 = weights.s2;
  const double kurtosis = n * d.fourths / (d.squares * d.squares);
  Autocorrelation out;
  out.value = n / s0 * Products(d.z, weights) / d.squares;
  out.expected = -1 / (n - 1);
  const double mean2 = out.expected * out.expected;
  out.variance_normal = (n * n * s1 - n * s2 + 3 * s0 * s0) / (s0 * s0 * (n * n - 1)) - mean2;
  out.variance = (n * (s1 * (n * n - 3 * n + 3) - n * s2 + 3 * s0 * s0) -
                  kurtosis * (s1 * (n * n - n) - 2 * n * s2 + 6 * s0 * s0)) /
                     ((n - 1) * (n - 2) * (n - 3) * s0 * s0) -
                 mean2;
  return out;
}

Autocorrelation GearyC(const std::vector<double>& values, const SpatialWeights& weights) {
  const Deviations d = DeviationsOf(values);
  const auto n = static_cast<double>(values.size());
  const double s0 = weights.s0, s1 = weights.s1, s2 = weights.s2;
  const double kurtosis = n * d.fourths / (d.squares * d.squares);
  Autocorrelation out;
  out.value = (n - 1) / (2 * s0) * SquaredDifferences(d.z, weights) / d.squares;
  out.expected = 1;
  out.variance_normal = ((2 * s1 + s2) * (n - 1) - 4 * s0 * s0) / (2 * (n + 1) * s0 * s0);
  out.variance = ((n - 1) * s1 * (n * n - 3 * n + 3 - kurtosis * (n - 1)) -
                  (n - 1) * s2 / 4 * (n * n + 3 * n - 6 - kurtosis * (n * n - n + 2)) +
                  s0 * s0 * (n * n - 3 - kurtosis * (n - 1) * (n - 1))) /
                 (n * (n - 2) * (n - 3) * s0 * s0);
  return out;
}

std::vector<Autocorrelation> LocalMoran(const std::vector<double>& values,
                                        const SpatialWeights& weights) {
  const Deviations d = DeviationsOf(values);
  const auto n = static_cast<double>(values.size());
  const double m2 = d.squares / n;
  std::vector<Autocorrelation> out;
  for (size_t i = 0; i < values.size(); ++i) {
    double lag = 0, sum = 0, squares = 0;
    for (const auto& [j, w] : weights.rows[i]) {
      lag += w * d.z[j];
      sum += w;
      squares += w * w;
    }
    const double z2 = d.z[i] * d.z[i];
    Autocorrelation own;
    own.value = d.z[i] / m2 * lag;
    own.expected = -z2 * sum / ((n - 1) * m2);
    own.variance =
        z2 / (m2 * m2) * (n / (n - 2)) * (squares - sum * sum / (n - 1)) * (m2 - z2 / (n - 1));
    own.variance_normal = kNan;
    out.push_back(own);
  }
  return out;
}

PermutationP PermuteAreas(const std::vector<double>& values, const SpatialWeights& weights,
                          int64_t permutations, uint64_t seed) {
  std::vector<double> z = DeviationsOf(values).z;
  // The sums of squares do not change: the numerators tell the order.
  Extremes moran(Products(z, weights)), geary(SquaredDifferences(z, weights));
  const std::vector<double> observed = z;
  for (int64_t k = 0; k < permutations; ++k) {
    Philox random(seed, static_cast<uint64_t>(k));
    z = observed;
    for (size_t i = z.size(); i-- > 1;) std::swap(z[i], z[random.Below(i + 1)]);
    moran.Add(Products(z, weights));
    geary.Add(SquaredDifferences(z, weights));
  }
  return {moran.P(permutations), geary.P(permutations)};
}

}  // namespace kinflow::family
