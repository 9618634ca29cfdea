#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kinflow::pca {

/// How far each person lies from the mean of the typical ones, in their standard deviations, on the
/// component where that is furthest. Typical people who lie beyond `limit` are none: mean and SD
/// are taken again without them, five times at most (smartpca's rule, Price et al. 2006; components
/// stay as they are). `scores`: a row a person, `columns` components; `typical` by row. NaN without
/// scores, or where fewer than two are typical.
std::vector<double> DistancesInSd(const std::vector<double>& scores, size_t columns,
                                  std::vector<uint8_t> typical, double limit);

}  // namespace kinflow::pca
