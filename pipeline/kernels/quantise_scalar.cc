#include <cmath>
#include <cstring>

#include "pipeline/kernels/quantise.h"

namespace kinflow::scalar {

uint32_t FloatsToUnits(const char* floats, uint32_t n, const GridRule& rule, uint16_t* out) {
  const double units = rule.units, off_grid = rule.exact ? rule.tolerance * units : 1;
  for (uint32_t i = 0; i < n; ++i) {
    float value;
    std::memcpy(&value, floats + 4 * size_t{i}, 4);
    const double x = value;
    if (!(x >= -rule.tolerance && x <= 2 + rule.tolerance)) return i;
    const double scaled = x < 0 ? 0.0 : x * units;
    const auto nearest = static_cast<int32_t>(scaled + 0.5);
    if (std::fabs(scaled - nearest) > off_grid) return i;
    out[i] = static_cast<uint16_t>(nearest > 2 * static_cast<int32_t>(rule.units) ? 2 * rule.units
                                                                                  : nearest);
  }
  return n;
}

}  // namespace kinflow::scalar
