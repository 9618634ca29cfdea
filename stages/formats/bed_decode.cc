#include "stages/formats/bed_decode.h"

#include <array>
#include <cstring>

namespace kinflow {

void BedToCopies(const uint8_t* row, uint32_t samples, uint8_t* out) {
  const size_t bytes = (size_t{samples} + 3) / 4;
  constexpr uint64_t kLow = 0x5555555555555555ull;
  for (size_t at = 0; at < bytes; at += 8) {
    const size_t n = bytes - at < 8 ? bytes - at : 8;
    uint64_t w = 0;
    std::memcpy(&w, row + at, n);
    // high' = not high, low' = high xor low.
    w = (~w & ~kLow) | ((w ^ (w >> 1)) & kLow);
    std::memcpy(out + at, &w, n);
  }
  if (samples % 4 != 0) out[bytes - 1] &= static_cast<uint8_t>((1u << (2 * (samples % 4))) - 1);
}

void BedToCopies(const uint8_t* row, const std::vector<uint32_t>& samples, uint8_t* out) {
  constexpr std::array<uint8_t, 4> kCopies = {2, 3, 1, 0};
  for (size_t i = 0; i < samples.size(); i += 4) {
    uint8_t byte = 0;
    for (size_t k = 0; k < 4 && i + k < samples.size(); ++k) {
      const uint32_t s = samples[i + k];
      byte |= static_cast<uint8_t>(kCopies[(row[s / 4] >> (2 * (s % 4))) & 3] << (2 * k));
    }
    out[i / 4] = byte;
  }
}

bool BedPaddingIsZero(const uint8_t* row, uint32_t samples) {
  return samples % 4 == 0 || row[samples / 4] >> (2 * (samples % 4)) == 0;
}

}  // namespace kinflow
