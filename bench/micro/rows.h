#pragma once

#include <cmath>
#include <cstring>
#include <vector>

#include "pipeline/base/philox.h"
#include "pipeline/data/dosage_tile.h"

namespace kinflow::bench {

inline constexpr uint32_t kSamples = 20'000;
inline constexpr size_t kRows = 64;
inline constexpr DosageEncoding kTwoBit = {DosageEncoding::Layout::kTwoBit, 1, 0};

/// A tile as imputation makes them: MAF log-uniform on [0.0005, 0.5], nine of ten dosages within
/// 0.02 of a whole number, 0.2 % missing.
inline DosageTile Tile(const DosageEncoding& encoding, uint32_t samples = kSamples,
                       size_t rows = kRows) {
  DosageTile tile;
  tile.Shape(samples, encoding, rows);
  std::memset(tile.values.data(), 0, tile.values.size());
  const uint32_t units = encoding.units_per_copy;
  for (size_t r = 0; r < rows; ++r) {
    Philox random(7, r);
    const double f = 0.0005 * std::pow(1000.0, random.Uniform());
    for (uint32_t s = 0; s < samples; ++s) {
      const uint32_t copies = (random.Uniform() < f ? 1u : 0u) + (random.Uniform() < f ? 1u : 0u);
      uint32_t value = copies * units;
      if (units > 1 && random.Below(10) == 0) {
        const auto blur = static_cast<uint32_t>(random.Below(units / 2));
        value = copies == 2 ? value - blur : value + blur;
      }
      if (random.Below(500) == 0) value = encoding.missing();
      switch (encoding.layout) {
        case DosageEncoding::Layout::kTwoBit:
          tile.Row(r)[s / 4] |= static_cast<uint8_t>(value << (2 * (s % 4)));
          break;
        case DosageEncoding::Layout::kU8:
          tile.Row(r)[s] = static_cast<uint8_t>(value);
          break;
        case DosageEncoding::Layout::kU16:
          tile.RowU16(r)[s] = static_cast<uint16_t>(value);
          break;
      }
    }
  }
  return tile;
}

}  // namespace kinflow::bench
