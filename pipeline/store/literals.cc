#include "pipeline/store/literals.h"

#include <algorithm>
#include <cstring>

namespace kinflow {
namespace {

constexpr Quartet kCalls = {0, {0, 1, 2, 255}};
constexpr Quartet kPhases = {1, {0, 2, 4, 6}};
constexpr size_t kPiece = 4096;  // other data end in the first

// True if all bytes, with `more` added, are within the bits of `mask`.
bool AllWithin(std::span<const uint8_t> data, uint8_t more, uint8_t mask) {
  for (size_t begin = 0; begin < data.size(); begin += kPiece) {
    uint8_t seen = 0;
    for (const uint8_t byte : data.subspan(begin, std::min(kPiece, data.size() - begin))) {
      seen |= static_cast<uint8_t>(byte + more);
    }
    if ((seen & ~mask) != 0) return false;
  }
  return true;
}

uint64_t Load64(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

}  // namespace

const Quartet* QuartetOf(std::span<const uint8_t> data) {
  if (AllWithin(data, 1, 3)) return &kCalls;  // 1, 2, 3 and 0
  return AllWithin(data, 0, 6) ? &kPhases : nullptr;
}

void LiteralCounter::Add(const uint8_t* p, size_t n) {
  size_t i = 0;
  if (quartet_ != nullptr) {
    const unsigned shift = quartet_->shift;
    for (; i + 16 <= n; i += 16) {
      for (size_t k = 0; k < 4; ++k) ++fours_[k][FourOf(p + i + 4 * k, shift)];
    }
    for (size_t k = 0; i + 4 <= n; ++k, i += 4) ++fours_[k][FourOf(p + i, shift)];
  } else {
    for (; i + 8 <= n; i += 8) {
      const auto w = Load64(p + i);
      for (unsigned k = 0; k < 8; ++k) ++bytes_[k][w >> 8 * k & 255];
    }
  }
  for (; i < n; ++i) ++bytes_[0][p[i]];
}

std::array<uint32_t, 256> LiteralCounter::Total() const {
  std::array<uint32_t, 256> total{};
  for (size_t b = 0; b < 256; ++b) {
    for (const auto& counts : bytes_) total[b] += counts[b];
    if (quartet_ == nullptr) continue;
    const uint32_t fours = fours_[0][b] + fours_[1][b] + fours_[2][b] + fours_[3][b];
    for (unsigned k = 0; k < 4; ++k) total[quartet_->bytes[b >> 2 * k & 3]] += fours;
  }
  return total;
}

LiteralCoder::LiteralCoder(std::span<const uint8_t> lengths, std::span<const uint16_t> codes,
                           const Quartet* quartet)
    : quartet_(quartet) {
  for (size_t b = 0; b < 256; ++b) byte_[b] = codes[b] | uint32_t{lengths[b]} << 24;
  if (quartet == nullptr) return;
  uint8_t longest = 0;
  for (const uint8_t byte : quartet->bytes) longest = std::max(longest, lengths[byte]);
  two_fours_fit_ = 8 * longest + 7 <= 64;
  for (size_t b = 0; b < 256; ++b) {
    uint64_t code = 0;
    unsigned bits = 0;
    for (unsigned k = 0; k < 4; ++k) {
      const uint8_t byte = quartet->bytes[b >> 2 * k & 3];
      code |= uint64_t{codes[byte]} << bits;
      bits += lengths[byte];
    }
    four_[b] = code | uint64_t{bits} << 56;
  }
}

}  // namespace kinflow
