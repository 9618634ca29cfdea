#include "stages/formats/bed_decode.h"

#include <array>
#include <cstring>

namespace kinflow {

namespace {

/// 32 genotypes: high' = not high, low' = high xor low.
uint64_t WordToCopies(uint64_t w) {
  constexpr uint64_t kLow = 0x5555555555555555ull;
  return (~w & ~kLow) | ((w ^ (w >> 1)) & kLow);
}

}  // namespace

void BedToCopies(const uint8_t* row, uint32_t samples, uint8_t* out) {
  const size_t bytes = (size_t{samples} + 3) / 4, whole = bytes / 8 * 8;
  for (size_t at = 0; at < whole; at += 8) {
    uint64_t w;
    std::memcpy(&w, row + at, sizeof w);
    w = WordToCopies(w);
    std::memcpy(out + at, &w, sizeof w);
  }
  uint64_t last = 0;
  std::memcpy(&last, row + whole, bytes - whole);
  last = WordToCopies(last);
  std::memcpy(out + whole, &last, bytes - whole);
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
