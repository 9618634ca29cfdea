#pragma once

#include <cstdint>
#include <vector>

namespace kinflow::family {

/// How far children's scores lie from the mean of their parents', in SDs of that mean: the
/// deviations of the polygenic transmission disequilibrium test (Weiner et al. 2017, Nature
/// Genetics 49:978). One value a row in all arguments; `couple`: codes of the parents, of whom each
/// two count once in the SD (divisor n - 1). Throws kNoEstimableTerm where they do not vary.
std::vector<double> TransmissionDeviations(const std::vector<double>& child,
                                           const std::vector<double>& mother,
                                           const std::vector<double>& father,
                                           const std::vector<int64_t>& couple);

/// A mean, or a difference of two; NaN where a group has fewer than two rows, or two clusters.
struct MeanTest {
  double estimate, std_error, df;
  int64_t rows, clusters;  // clusters: those with a row, 0 = not asked for
};

/// Of the values at `rows`, with the error of Student's test: sd / sqrt(n) on n - 1.
MeanTest MeanOfRows(const std::vector<double>& values, const std::vector<uint32_t>& rows);
/// With errors that rows of a cluster share: G / (G - 1) sum over clusters of (sum of residuals)^2,
/// over n^2, on G - 1 degrees of freedom, as vcovCL(lm(y ~ 1)) has it. `cluster`: a code a value.
MeanTest ClusteredMean(const std::vector<double>& values, const std::vector<uint32_t>& rows,
                       const std::vector<uint32_t>& cluster);
/// Mean at `a` less that at `b`, by Welch's test.
MeanTest DifferenceOfMeans(const std::vector<double>& values, const std::vector<uint32_t>& a,
                           const std::vector<uint32_t>& b);
/// The same with clustered errors; a cluster may have rows of both, as brothers and sisters.
MeanTest ClusteredDifference(const std::vector<double>& values, const std::vector<uint32_t>& a,
                             const std::vector<uint32_t>& b, const std::vector<uint32_t>& cluster);

}  // namespace kinflow::family
