#pragma once

#include <cstdint>

namespace kinflow {

/// Dosages in [0, 2] as integers of `units` per allele copy.
struct GridRule {
  uint32_t units = 1;
  bool exact = true;        // a value off the grid is refused, not rounded
  double tolerance = 1e-6;  // in alleles: outside [0, 2] and off the grid
};

/// out[i] = nearest unit of the i-th little-endian float at `floats` (unaligned). Returns how many
/// leading values were taken: it stops at a vector that holds a value out of range, not a number
/// (so also missing) or off an exact grid, which the caller judges one by one.
uint32_t FloatsToUnits(const char* floats, uint32_t n, const GridRule& rule, uint16_t* out);

namespace scalar {
uint32_t FloatsToUnits(const char* floats, uint32_t n, const GridRule& rule, uint16_t* out);
}  // namespace scalar

}  // namespace kinflow
