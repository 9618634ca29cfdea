#pragma once

#include <cmath>

namespace kinflow {

/// Rounded to two significant digits.
inline double TwoDigits(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(x))) - 1);
  return std::round(x / unit) * unit;
}

}  // namespace kinflow
