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

template <class T>
void AppendMissingValues(const T* row, Range samples, std::vector<uint32_t>& out) {
  constexpr T kMissing = static_cast<T>(-1);
  constexpr uint32_t kStep = 32;
  uint32_t s = samples.begin;
  for (; s + kStep <= samples.end; s += kStep) {
    T any = 0;  // a missing value is all ones, so a block without one has none after this
    for (uint32_t j = 0; j < kStep; ++j) any = static_cast<T>(any | (row[s + j] == kMissing));
    if (any == 0) continue;
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
