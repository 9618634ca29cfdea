#pragma once

#include <cmath>
#include <cstdint>

namespace kinflow {

/// Rounded to two significant digits.
inline double TwoDigits(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  const double exponent = std::floor(std::log10(std::abs(x))) - 1;
  const double power = std::pow(10, std::abs(exponent));  // whole: what is left is a short decimal
  return exponent < 0 ? std::round(x * power) / power : std::round(x / power) * power;
}

/// A count to the nearest multiple of `small`, so that fewer than `small` of its parts stay open.
inline int64_t NearestMultiple(int64_t n, int64_t small) {
  return small < 2 ? n : (n + small / 2) / small * small;
}

}  // namespace kinflow
