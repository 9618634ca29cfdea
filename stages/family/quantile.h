#pragma once

#include <vector>

namespace kinflow::family {

/// Quantile of sorted values, of which there is one at least, linear between them (R's type 7).
inline double SortedQuantile(const std::vector<double>& sorted, double probability) {
  const double at = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

}  // namespace kinflow::family
