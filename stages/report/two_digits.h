#pragma once

#include <cmath>

namespace kinflow {

/// Rounded to two significant digits.
inline double TwoDigits(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  const double exponent = std::floor(std::log10(std::abs(x))) - 1;
  const double power = std::pow(10, std::abs(exponent));  // whole: what is left is a short decimal
  return exponent < 0 ? std::round(x * power) / power : std::round(x / power) * power;
}

}  // namespace kinflow
