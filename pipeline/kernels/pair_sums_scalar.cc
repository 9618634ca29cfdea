#include <algorithm>

#include "pipeline/kernels/pair_sums.h"

namespace kinflow {

void PairWeights::Clear(uint32_t digits_of_score) {
  n_digits = digits_of_score;
  pairs.clear();
  digits.clear();
}

void PairWeights::Add(uint32_t row, int64_t weight) {
  const auto pair = static_cast<uint8_t>(row / 2);
  if (pairs.empty() || pairs.back() != pair) {
    pairs.push_back(pair);
    digits.resize(digits.size() + n_digits, 0);
  }
  uint32_t* of_pair = digits.data() + digits.size() - n_digits;
  for (uint32_t d = 0; d < n_digits; ++d) {
    const auto digit = static_cast<int16_t>(weight & 0xFFFF);
    of_pair[d] |= static_cast<uint32_t>(static_cast<uint16_t>(digit)) << (16 * (row % 2));
    weight = (weight - digit) / 65536;  // exact: the remainder is taken off
  }
}

namespace scalar {
namespace {

uint32_t ValueOf(const DosageEncoding& encoding, const uint8_t* row, uint32_t sample,
                 ValueBytes bytes) {
  uint32_t stored = 0;
  switch (encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      stored = (row[sample / 4] >> (2 * (sample % 4))) & 3u;
      break;
    case DosageEncoding::Layout::kU8:
      stored = row[sample];
      break;
    case DosageEncoding::Layout::kU16:
      stored = reinterpret_cast<const uint16_t*>(row)[sample];
      break;
  }
  if (stored == encoding.missing()) return 0;
  return bytes == ValueBytes::kLow ? stored & 255u : stored >> 8;
}

}  // namespace

void FillPairs(const DosageEncoding& encoding, std::span<const uint8_t* const> rows, uint32_t group,
               ValueBytes bytes, uint32_t* pairs) {
  std::fill_n(pairs, (rows.size() + 1) / 2 * kLaneSamples, 0u);
  for (size_t r = 0; r < rows.size(); ++r) {
    for (uint32_t s = 0; s < kLaneSamples; ++s) {
      const uint32_t value = ValueOf(encoding, rows[r], group * kLaneSamples + s, bytes);
      pairs[r / 2 * kLaneSamples + LaneOf(s)] |= value << (16 * (r % 2));
    }
  }
}

void AddPairs(const PairBlock& block, const PairWeights& weights, uint32_t shift, uint64_t* sums) {
  for (size_t k = 0; k < weights.pairs.size(); ++k) {
    const uint32_t* values = block.pair(weights.pairs[k]);
    for (uint32_t d = 0; d < weights.n_digits; ++d) {
      const uint32_t digit = weights.digits[k * weights.n_digits + d];
      const auto first = static_cast<int16_t>(digit & 0xFFFF),
                 second = static_cast<int16_t>(digit >> 16);
      for (uint32_t lane = 0; lane < kLaneSamples; ++lane) {
        const int64_t product =
            int64_t{first} * (values[lane] & 0xFFFF) + int64_t{second} * (values[lane] >> 16);
        sums[lane] += static_cast<uint64_t>(product) << (16 * d + shift);
      }
    }
  }
}

}  // namespace scalar
}  // namespace kinflow
