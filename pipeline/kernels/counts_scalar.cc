#include <algorithm>
#include <bit>

#include "pipeline/kernels/counts.h"

namespace kinflow {

CallCounts& CallCounts::operator+=(const CallCounts& o) {
  hom_ref += o.hom_ref;
  het += o.het;
  hom_alt += o.hom_alt;
  missing += o.missing;
  return *this;
}

CallCounts CallCounts::operator-(const CallCounts& o) const {
  return {hom_ref - o.hom_ref, het - o.het, hom_alt - o.hom_alt, missing - o.missing};
}

SampleMask::SampleMask(std::span<const uint8_t> chosen)
    : samples_(static_cast<uint32_t>(chosen.size())) {
  two_bit_.Resize((size_t{samples_} / 4 + 64) / 64 * 64);
  bytes_.Resize((size_t{samples_} + 64) / 64 * 64);
  std::fill_n(two_bit_.data(), two_bit_.size(), uint8_t{0});
  std::fill_n(bytes_.data(), bytes_.size(), uint8_t{0});
  for (size_t s = 0; s < chosen.size(); ++s) {
    if (chosen[s] == 0) continue;
    ++count_;
    bytes_.data()[s] = 255;
    two_bit_.data()[s / 4] |= static_cast<uint8_t>(1u << (2 * (s % 4)));
  }
}

uint32_t HardCallDistance(const DosageEncoding& encoding, double threshold) {
  // The factor keeps 0.1 x 1000 at 100 whatever the rounding of 0.1.
  return static_cast<uint32_t>(threshold * encoding.units_per_copy * (1 + 1e-9));
}

namespace scalar {
namespace {

uint32_t Call(uint32_t value, uint32_t units, uint32_t max_distance) {
  for (uint32_t copies = 0; copies <= 2; ++copies) {
    const uint32_t whole = copies * units;
    if ((value > whole ? value - whole : whole - value) <= max_distance) return copies;
  }
  return 3;
}

}  // namespace

CallCounts CountCalls(const uint8_t* row, const uint8_t* mask, size_t bytes) {
  CallCounts counts;
  for (size_t i = 0; i < bytes; ++i) {
    const uint32_t low = row[i] & mask[i], high = (row[i] >> 1) & mask[i], both = low & high;
    counts.missing += static_cast<uint32_t>(std::popcount(both));
    counts.het += static_cast<uint32_t>(std::popcount(low & ~both));
    counts.hom_alt += static_cast<uint32_t>(std::popcount(high & ~both));
    counts.hom_ref += static_cast<uint32_t>(std::popcount(mask[i] & ~(low | high)));
  }
  return counts;
}

DosageSums SumDosages(const DosageEncoding& encoding, const uint8_t* row, const uint8_t* mask,
                      uint32_t n_samples) {
  DosageSums sums;
  const bool wide = encoding.layout == DosageEncoding::Layout::kU16;
  for (uint32_t s = 0; s < n_samples; ++s) {
    const uint64_t value = wide ? reinterpret_cast<const uint16_t*>(row)[s] : row[s];
    if (mask[s] == 0 || value == encoding.missing()) continue;
    ++sums.called;
    sums.sum += value;
    sums.sum_squares += value * value;
  }
  return sums;
}

void PackCalls(const DosageEncoding& encoding, uint32_t max_distance, const uint8_t* row,
               uint32_t n_samples, uint8_t* out) {
  const bool wide = encoding.layout == DosageEncoding::Layout::kU16;
  std::fill_n(out, (n_samples + 3) / 4, uint8_t{0});
  for (uint32_t s = 0; s < n_samples; ++s) {
    const uint32_t value = wide ? reinterpret_cast<const uint16_t*>(row)[s] : row[s];
    const uint32_t call =
        value == encoding.missing() ? 3u : Call(value, encoding.units_per_copy, max_distance);
    out[s / 4] = static_cast<uint8_t>(out[s / 4] | (call << (2 * (s % 4))));
  }
}

void AddCallCounts(std::span<const uint8_t* const> rows, Range samples,
                   const CallCounters& counters) {
  for (const uint8_t* row : rows) {
    for (uint32_t s = samples.begin; s < samples.end; ++s) {
      const uint32_t call = (row[s / 4] >> (2 * (s % 4))) & 3u;
      counters.het[s] += call == 1;
      counters.hom_alt[s] += call == 2;
      counters.missing[s] += call == 3;
    }
  }
}

}  // namespace scalar
}  // namespace kinflow
