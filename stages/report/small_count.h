#pragma once

#include <cmath>
#include <cstdint>

#include "pipeline/data/table.h"

namespace kinflow {

/// A count of 1 to `small` - 1 people, which no shared table may tell.
inline bool IsSmall(int64_t n, int64_t small) {
  return n != Table::kMissingInt && n > 0 && n < small;
}

/// Rounded to two significant digits.
inline double TwoDigits(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(x))) - 1);
  return std::round(x / unit) * unit;
}

}  // namespace kinflow
