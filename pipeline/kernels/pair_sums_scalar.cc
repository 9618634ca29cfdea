#include <algorithm>
#include <numeric>

#include "pipeline/kernels/pair_sums.h"

namespace kinflow {

void PairWeights::Clear() {
  for (PairDigit& digit : digits) {
    digit.pairs.clear();
    digit.values.clear();
  }
}

void PairWeights::Add(uint32_t row, int64_t weight) {
  const auto pair = static_cast<uint8_t>(row / 2);
  for (PairDigit& digit : digits) {
    if (weight == 0) return;
    const auto low = static_cast<int16_t>(weight & 0xFFFF);
    weight = (weight - low) / 65536;  // exact: the remainder is taken off
    if (low == 0) continue;
    if (digit.pairs.empty() || digit.pairs.back() != pair) {
      digit.pairs.push_back(pair);
      digit.values.push_back(0);
    }
    digit.values.back() |= static_cast<uint32_t>(static_cast<uint16_t>(low)) << (16 * (row % 2));
  }
}

void PairWeights::Close(uint32_t pairs) {
  for (PairDigit& digit : digits) {
    if (digit.pairs.size() == pairs || 2 * digit.pairs.size() < pairs) continue;
    std::vector<uint32_t> values(pairs, 0);
    for (size_t k = 0; k < digit.pairs.size(); ++k) values[digit.pairs[k]] = digit.values[k];
    digit.values = std::move(values);
    digit.pairs.resize(pairs);
    std::iota(digit.pairs.begin(), digit.pairs.end(), uint8_t{0});
  }
}

void PairWeights::AppendColumns(uint32_t shift, uint64_t* sums,
                                std::vector<PairColumn>& columns) const {
  for (const PairDigit& digit : digits) {
    if (!digit.pairs.empty()) columns.push_back({&digit, shift, sums});
    shift += 16;
  }
}

namespace scalar {
namespace {

uint32_t StoredAt(const DosageEncoding& encoding, const uint8_t* row, uint32_t sample) {
  switch (encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      return (row[sample / 4] >> (2 * (sample % 4))) & 3u;
    case DosageEncoding::Layout::kU8:
      return row[sample];
    case DosageEncoding::Layout::kU16:
      return reinterpret_cast<const uint16_t*>(row)[sample];
  }
  return 0;
}

}  // namespace

PairBits FillPairs(const DosageEncoding& encoding, std::span<const uint8_t* const> rows,
                   uint32_t group, ValueBytes bytes, uint32_t* pairs) {
  std::fill_n(pairs, (rows.size() + 1) / 2 * kLaneSamples, 0u);
  PairBits missing{};
  for (size_t r = 0; r < rows.size(); ++r) {
    for (uint32_t s = 0; s < kLaneSamples; ++s) {
      const uint32_t stored = StoredAt(encoding, rows[r], group * kLaneSamples + s);
      if (stored == encoding.missing()) {
        missing[r / 128] |= uint64_t{1} << (r / 2 % 64);
        continue;
      }
      const uint32_t value = bytes == ValueBytes::kLow ? stored & 255u : stored >> 8;
      pairs[r / 2 * kLaneSamples + LaneOf(s)] |= value << (16 * (r % 2));
    }
  }
  return missing;
}

void AddPairs(const PairBlock& block, std::span<const PairColumn> columns) {
  for (const PairColumn& column : columns) {
    for (size_t k = 0; k < column.digit->pairs.size(); ++k) {
      const uint32_t* values = block.pair(column.digit->pairs[k]);
      const uint32_t digit = column.digit->values[k];
      const auto first = static_cast<int16_t>(digit & 0xFFFF),
                 second = static_cast<int16_t>(digit >> 16);
      for (uint32_t lane = 0; lane < kLaneSamples; ++lane) {
        const int64_t product =
            int64_t{first} * (values[lane] & 0xFFFF) + int64_t{second} * (values[lane] >> 16);
        column.sums[lane] += static_cast<uint64_t>(product) << column.shift;
      }
    }
  }
}

}  // namespace scalar
}  // namespace kinflow
