#include "stages/export/hard_calls.h"

#include <cmath>
#include <cstring>

namespace kinflow {

HardCalls::HardCalls(const DosageEncoding& encoding, double threshold)
    : units_(encoding.units_per_copy), table_(size_t{UINT16_MAX} + 1, kNoCall) {
  const double most = threshold * units_ + 1e-9;  // 0.1 of 1000 units is 100 in spite of rounding
  for (uint32_t v = 0; v <= 2 * units_; ++v) {
    const uint32_t nearest = (v + units_ / 2) / units_;
    if (std::abs(static_cast<double>(v) - nearest * units_) <= most) {
      table_[v] = static_cast<uint8_t>(nearest);
    }
  }
}

void RowValues(const DosageTile& tile, size_t row, uint16_t* out) {
  const uint32_t n = tile.n_samples;
  const uint8_t* bytes = tile.Row(row);
  switch (tile.encoding.layout) {
    case DosageEncoding::Layout::kU16:
      std::memcpy(out, bytes, size_t{n} * 2);
      return;
    case DosageEncoding::Layout::kU8:
      for (uint32_t s = 0; s < n; ++s) out[s] = bytes[s] == 255 ? UINT16_MAX : bytes[s];
      return;
    case DosageEncoding::Layout::kTwoBit:
      for (uint32_t s = 0; s < n; ++s) {
        const uint32_t call = bytes[s / 4] >> (2 * (s % 4)) & 3;
        out[s] = call == 3 ? UINT16_MAX : static_cast<uint16_t>(call);
      }
  }
}

}  // namespace kinflow
