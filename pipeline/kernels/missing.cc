#include <bit>
#include <cstring>

#include "pipeline/kernels/counts.h"

namespace kinflow {
namespace {

void AppendMissingCalls(const uint8_t* row, Range samples, std::vector<uint32_t>& out) {
  for (uint32_t s = samples.begin / 32 * 32; s < samples.end; s += 32) {
    uint64_t word = 0;
    std::memcpy(&word, row + s / 4, sizeof word);
    for (uint64_t both = word & (word >> 1) & 0x5555555555555555u; both != 0; both &= both - 1) {
      const uint32_t sample = s + static_cast<uint32_t>(std::countr_zero(both)) / 2;
      if (sample >= samples.begin && sample < samples.end) out.push_back(sample);
    }
  }
}

/// True if one of the T in the eight words at `p` may be all ones; false is certain.
template <class T>
bool MayHoldMissing(const T* p) {
  // A field of x is zero where the value is missing; the borrow trick marks the lowest such field.
  constexpr uint64_t kOnes = sizeof(T) == 2 ? 0x0001000100010001u : 0x0101010101010101u;
  uint64_t marks = 0;
  for (int i = 0; i < 8; ++i) {
    uint64_t word;
    std::memcpy(&word, p + i * (8 / sizeof(T)), sizeof word);
    const uint64_t x = ~word;
    marks |= (x - kOnes) & ~x;
  }
  return (marks & (kOnes << (8 * sizeof(T) - 1))) != 0;
}

template <class T>
void AppendMissingValues(const T* row, Range samples, std::vector<uint32_t>& out) {
  constexpr T kMissing = static_cast<T>(-1);
  constexpr uint32_t kStep = 64 / sizeof(T);
  uint32_t s = samples.begin;
  for (; s + kStep <= samples.end; s += kStep) {
    if (!MayHoldMissing(row + s)) continue;
    for (uint32_t j = 0; j < kStep; ++j) {
      if (row[s + j] == kMissing) out.push_back(s + j);
    }
  }
  for (; s < samples.end; ++s) {
    if (row[s] == kMissing) out.push_back(s);
  }
}

}  // namespace

void AppendMissing(const DosageEncoding& encoding, const uint8_t* row, Range samples,
                   std::vector<uint32_t>& out) {
  switch (encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      return AppendMissingCalls(row, samples, out);
    case DosageEncoding::Layout::kU8:
      return AppendMissingValues(row, samples, out);
    case DosageEncoding::Layout::kU16:
      return AppendMissingValues(reinterpret_cast<const uint16_t*>(row), samples, out);
  }
}

}  // namespace kinflow
