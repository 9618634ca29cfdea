#include "stages/qc/haploid_calls.h"

#include <algorithm>
#include <cstring>

namespace kinflow {

bool AnyHaploid(const DosageTile& tile, size_t row) {
  const uint8_t* flags = tile.CallRow(row);
  if (flags == nullptr) return false;
  uint8_t any = 0;
  for (uint32_t s = 0; s < tile.n_samples; ++s) any = static_cast<uint8_t>(any | flags[s]);
  return (any & kCallHaploid) != 0;
}

void DoubleHaploid(const DosageTile& tile, size_t row, uint8_t* out) {
  const uint8_t* flags = tile.CallRow(row);
  const uint32_t missing = tile.encoding.missing();
  std::memcpy(out, tile.Row(row), tile.stride_bytes);
  for (uint32_t s = 0; s < tile.n_samples; ++s) {
    if ((flags[s] & kCallHaploid) == 0) continue;
    const uint32_t value = tile.At(row, s);
    if (value == missing) continue;
    const uint32_t twice = std::min(2 * value, 2 * tile.encoding.units_per_copy);
    switch (tile.encoding.layout) {
      case DosageEncoding::Layout::kTwoBit:
        out[s / 4] =
            static_cast<uint8_t>((out[s / 4] & ~(3u << (2 * (s % 4)))) | (twice << (2 * (s % 4))));
        break;
      case DosageEncoding::Layout::kU8:
        out[s] = static_cast<uint8_t>(twice);
        break;
      case DosageEncoding::Layout::kU16:
        reinterpret_cast<uint16_t*>(out)[s] = static_cast<uint16_t>(twice);
        break;
    }
  }
}

void AddHaploid(const DosageTile& tile, size_t row, const uint8_t* calls,
                const std::vector<uint32_t>& people, CallCounts& counts, DosageSums* sums) {
  const uint8_t* flags = tile.CallRow(row);
  uint32_t* const of_call[] = {&counts.hom_ref, &counts.het, &counts.hom_alt, &counts.missing};
  for (const uint32_t s : people) {
    const uint32_t value = tile.At(row, s);
    if ((flags[s] & kCallHaploid) == 0 || value == tile.encoding.missing()) continue;
    ++*of_call[calls[s / 4] >> (2 * (s % 4)) & 3];
    if (sums == nullptr) continue;
    const uint64_t twice = 2 * std::min(value, tile.encoding.units_per_copy);
    ++sums->called;
    sums->sum += twice;
    sums->sum_squares += twice * twice;
  }
}

}  // namespace kinflow
