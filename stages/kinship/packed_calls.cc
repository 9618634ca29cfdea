#include "stages/kinship/packed_calls.h"

#include <cstring>

#include "pipeline/kernels/counts.h"

namespace kinflow::kinship {
namespace {

/// The rows are stored: equal data have to give equal bytes.
void ClearBehind(uint32_t n_samples, uint8_t* row) {
  const size_t whole = n_samples / 4, partial = n_samples % 4;
  if (partial > 0) row[whole] = static_cast<uint8_t>(row[whole] & ((1u << 2 * partial) - 1));
  const size_t used = whole + (partial > 0 ? 1 : 0);
  std::memset(row + used, 0, PackedBytes(n_samples) - used);
}

}  // namespace

void PackRow(const DosageTile& tile, size_t r, double hard_call_threshold, uint8_t* out) {
  const DosageEncoding& encoding = tile.encoding;
  if (encoding.layout == DosageEncoding::Layout::kTwoBit) {
    std::memcpy(out, tile.Row(r), PackedBytes(tile.n_samples));
  } else {
    PackCalls(encoding, HardCallDistance(encoding, hard_call_threshold), tile.Row(r),
              tile.n_samples, out);
  }
  ClearBehind(tile.n_samples, out);
  const uint8_t* flags = tile.CallRow(r);
  if (flags == nullptr) return;
  for (uint32_t s = 0; s < tile.n_samples; ++s) {
    if ((flags[s] & kCallHaploid) == 0) continue;
    out[s / 4] = static_cast<uint8_t>(out[s / 4] | 3u << 2 * (s % 4));
  }
}

}  // namespace kinflow::kinship
