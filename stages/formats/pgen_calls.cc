#include "stages/formats/pgen_calls.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace kinflow {
namespace {

void ClearBehind(uint64_t* calls, uint32_t samples) {
  if (samples % 32 != 0) calls[samples / 32] &= (1ull << (2 * (samples % 32))) - 1;
}

// 8 bits -> the low bits of 8 calls.
constexpr auto kSpread = [] {
  std::array<uint16_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    for (uint32_t k = 0; k < 8; ++k) table[byte] |= static_cast<uint16_t>((byte >> k & 1) << 2 * k);
  }
  return table;
}();

// 32 bits -> the low bits of 32 calls.
uint64_t Spread(const uint8_t* bits) {
  return kSpread[bits[0]] | uint64_t{kSpread[bits[1]]} << 16 | uint64_t{kSpread[bits[2]]} << 32 |
         uint64_t{kSpread[bits[3]]} << 48;
}

void ReadLiteral(PgenCursor& in, uint32_t samples, uint64_t* calls) {
  const uint8_t* bytes = in.Bits(uint64_t{samples} * 2, "the hard calls");
  calls[CallWords(samples) - 1] = 0;
  std::memcpy(calls, bytes, (size_t{samples} + 3) / 4);
}

// One bit a sample chooses between the two most frequent calls.
void ReadOneBit(PgenCursor& in, uint32_t samples, uint64_t* calls) {
  const uint8_t code = in.Byte("the hard calls");
  const uint64_t low = code >> 2, step = code & 3;
  if (step == 0 || low + step > 3) in.Fail("unknown pair of calls in", "the hard calls");
  const uint8_t* bits = in.Bits(samples, "the hard calls");
  const size_t whole = samples / 32;
  for (size_t w = 0; w < whole; ++w) calls[w] = kCallLowBits * low + Spread(bits + 4 * w) * step;
  if (samples % 32 == 0) return;
  uint8_t last[4] = {};
  std::memcpy(last, bits + 4 * whole, (samples % 32 + 7) / 8);
  calls[whole] = kCallLowBits * low + Spread(last) * step;
  ClearBehind(calls, samples);
}

// By bytes: neighbours of the list that share a word would wait for each other.
void Apply(const Difflist& list, uint64_t* calls) {
  auto* bytes = reinterpret_cast<uint8_t*>(calls);
  const uint32_t* samples = list.samples.data();
  const size_t n = list.samples.size();
  const auto set = [&](uint32_t sample, uint32_t call) {
    const uint32_t shift = 2 * (sample % 4);
    uint8_t& byte = bytes[sample / 4];
    byte = static_cast<uint8_t>((byte & ~(3u << shift)) | call << shift);
  };
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const uint32_t four = list.values[i / 4];
    set(samples[i], four & 3);
    set(samples[i + 1], four >> 2 & 3);
    set(samples[i + 2], four >> 4 & 3);
    set(samples[i + 3], four >> 6);
  }
  for (; i < n; ++i) set(samples[i], list.value(i));
}

// Exchanges 0 and 2.
void Invert(uint32_t samples, uint64_t* calls) {
  for (size_t w = 0; w < CallWords(samples); ++w) calls[w] ^= ~(calls[w] << 1) & ~kCallLowBits;
  ClearBehind(calls, samples);
}

}  // namespace

void ReadCalls(PgenCursor& in, uint8_t type, uint32_t samples, const uint64_t* base,
               uint64_t* calls, Difflist& scratch) {
  const uint8_t kind = type & 7;
  if (kind == 0) return ReadLiteral(in, samples, calls);
  if (kind == 1) {
    ReadOneBit(in, samples, calls);
  } else if (IsLdCompressed(kind)) {
    if (base == nullptr) in.Fail("no earlier record to compare with for", "the hard calls");
    std::copy_n(base, CallWords(samples), calls);
  } else {
    // 4, 6, 7: all samples 0, 2, 3 but those of the list; 5: all samples 0.
    std::fill_n(calls, CallWords(samples), kind == 5 ? 0 : kCallLowBits * (kind & 3));
    ClearBehind(calls, samples);
    if (kind == 5) return;
  }
  ReadDifflist(in, samples, true, scratch);
  Apply(scratch, calls);
  if (kind == 3) Invert(samples, calls);
}

void CallsToUnits(const uint64_t* calls, uint32_t samples, uint16_t* out) {
  // Four calls of a byte at a time.
  static const auto kUnits = [] {
    constexpr std::array<uint16_t, 4> kOne = {0, 16384, 32768, 65535};
    std::array<std::array<uint16_t, 4>, 256> table{};
    for (uint32_t byte = 0; byte < 256; ++byte) {
      for (uint32_t k = 0; k < 4; ++k) table[byte][k] = kOne[(byte >> (2 * k)) & 3];
    }
    return table;
  }();
  const auto* bytes = reinterpret_cast<const uint8_t*>(calls);
  const size_t n = (size_t{samples} + 3) / 4;
  for (size_t i = 0; i < n; ++i) std::memcpy(out + 4 * i, kUnits[bytes[i]].data(), 8);
}

}  // namespace kinflow
