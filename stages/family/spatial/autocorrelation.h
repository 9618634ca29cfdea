#pragma once

#include <cstdint>
#include <vector>

#include "stages/family/spatial/neighbours.h"

namespace kinflow::family {

/// A measure of spatial autocorrelation with its moments under no autocorrelation (Cliff and Ord
/// 1981): values permuted over the areas, or normal.
struct Autocorrelation {
  double value = 0, expected = 0, variance = 0, variance_normal = 0;
};

/// Values of at least four areas that are not all equal.
Autocorrelation MoranI(const std::vector<double>& values, const SpatialWeights& weights);
/// Below its expectation 1 where neighbours are alike.
Autocorrelation GearyC(const std::vector<double>& values, const SpatialWeights& weights);

/// Moran's I of each area; moments given the area's own value (Sokal 1998), as spdep's localmoran.
std::vector<Autocorrelation> LocalMoran(const std::vector<double>& values,
                                        const SpatialWeights& weights);

struct PermutationP {
  double moran = 0, geary = 0;
};
/// Two-sided: twice the smaller share of permutations, the observed one among them, that are as
/// extreme. Permutation k depends on (seed, k) alone.
PermutationP PermuteAreas(const std::vector<double>& values, const SpatialWeights& weights,
                          int64_t permutations, uint64_t seed);

}  // namespace kinflow::family
