#include "pipeline/store/literals.h"

#include <algorithm>
#include <cstring>

namespace kinflow {
namespace {

constexpr std::array<uint8_t, 4> kCall = {0, 1, 2, 255};  // by the low two bits

uint64_t Load64(const uint8_t* p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

}  // namespace

bool AreCalls(std::span<const uint8_t> data) {
  constexpr size_t kPiece = 4096;  // other data end in the first
  for (size_t begin = 0; begin < data.size(); begin += kPiece) {
    uint8_t beyond = 0;
    for (const uint8_t byte : data.subspan(begin, std::min(kPiece, data.size() - begin))) {
      beyond |= static_cast<uint8_t>(byte + 1);  // 1, 2, 3 and 0 for calls
    }
    if (beyond > 3) return false;
  }
  return true;
}

void LiteralCounter::Add(const uint8_t* p, size_t n) {
  size_t i = 0;
  if (calls_) {
    for (; i + 16 <= n; i += 16) {
      for (size_t k = 0; k < 4; ++k) ++fours_[k][FourCalls(p + i + 4 * k)];
    }
    for (size_t k = 0; i + 4 <= n; ++k, i += 4) ++fours_[k][FourCalls(p + i)];
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
    const uint32_t fours = fours_[0][b] + fours_[1][b] + fours_[2][b] + fours_[3][b];
    for (unsigned k = 0; k < 4; ++k) total[kCall[b >> 2 * k & 3]] += fours;
  }
  return total;
}

LiteralCoder::LiteralCoder(std::span<const uint8_t> lengths, std::span<const uint16_t> codes,
                           bool calls)
    : calls_(calls) {
  for (size_t b = 0; b < 256; ++b) byte_[b] = codes[b] | uint32_t{lengths[b]} << 24;
  if (!calls) return;
  const auto longest = std::max({lengths[0], lengths[1], lengths[2], lengths[255]});
  two_fours_fit_ = 8 * longest + 7 <= 64;
  for (size_t b = 0; b < 256; ++b) {
    uint64_t code = 0;
    unsigned bits = 0;
    for (unsigned k = 0; k < 4; ++k) {
      const uint8_t call = kCall[b >> 2 * k & 3];
      code |= uint64_t{codes[call]} << bits;
      bits += lengths[call];
    }
    four_[b] = code | uint64_t{bits} << 56;
  }
}

}  // namespace kinflow
