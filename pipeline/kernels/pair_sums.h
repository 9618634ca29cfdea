#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

// Exact sums of integer weights x stored values, 64 samples at a time. Rows come in pairs, so that
// one multiply-add of 16-bit lanes takes two variants of a sample. Integers do not round: the sums
// are the same for any order, thread count and instruction set (kernels.md, fixed-point digits).

constexpr uint32_t kLaneSamples = 64;     // samples handled together
constexpr uint32_t kPairBlockRows = 256;  // more rows could overflow the 32-bit sums of a block
constexpr uint32_t kMostDigits = 3;       // of 16 bits each, balanced: -32768 ... 32767
/// Largest weight that kMostDigits balanced digits hold.
constexpr int64_t kLargestPairWeight = 0x7FFF7FFF7FFF;

/// Where a sample of a group of 64 stands among the sums: quarter by quarter, as two-bit calls and
/// bytes unpack without moving between lanes.
constexpr uint32_t LaneOf(uint32_t sample) {
  return sample / kLaneSamples * kLaneSamples + (sample % 4) * 16 + sample % kLaneSamples / 4;
}

/// Low or high bytes of stored values: u8 rows and calls have low ones only.
enum class ValueBytes : uint8_t { kLow, kHigh };

/// Bits, one a pair of rows of a block.
using PairBits = std::array<uint64_t, kPairBlockRows / 2 / 64>;

/// Values of up to kPairBlockRows rows for one group of 64 samples; missing ones are 0.
class PairBlock {
 public:
  PairBlock() { values_.Resize(kPairBlockRows / 2 * kLaneSamples * sizeof(uint32_t)); }
  /// `rows`: of a DosageTile with this encoding, readable up to the next multiple of 64 bytes.
  void Fill(const DosageEncoding& encoding, std::span<const uint8_t* const> rows, uint32_t group,
            ValueBytes bytes);
  uint32_t pairs() const { return pairs_; }
  /// Of pair p and lane l the value of row 2 p (lower half) and 2 p + 1 (upper half).
  const uint32_t* pair(uint32_t p) const {
    return reinterpret_cast<const uint32_t*>(values_.data()) + size_t{p} * kLaneSamples;
  }
  /// Pairs with missing values; what lies behind the last sample counts.
  const PairBits& missing() const { return missing_; }

 private:
  AlignedBuffer values_;
  uint32_t pairs_ = 0;
  PairBits missing_{};
};

/// One digit of the weights of a score on a block.
struct PairDigit {
  std::vector<uint8_t> pairs;    // where it is not 0, or all; ascending
  std::vector<uint32_t> values;  // of them; lower half: first row of the pair
};

/// A digit and where it is added: sums[lane] += (sum over the pairs of digit x value) << shift.
struct PairColumn {
  const PairDigit* digit = nullptr;
  uint32_t shift = 0;
  uint64_t* sums = nullptr;
};

/// Weights of one score on one block. High digits are few where most weights are small.
struct PairWeights {
  std::array<PairDigit, kMostDigits> digits;  // of 16 bits, lowest first

  void Clear();
  /// Rows ascending; |weight| <= kLargestPairWeight.
  void Add(uint32_t row, int64_t weight);
  /// Once all weights are there: digits that most of the pairs have get all of them.
  void Close(uint32_t pairs);
  /// What adds weight x value << shift to `sums`.
  void AppendColumns(uint32_t shift, uint64_t* sums, std::vector<PairColumn>& columns) const;
};

/// Adds all columns, modulo 2^64. Those with all pairs take the values of several at a time.
void AddPairs(const PairBlock& block, std::span<const PairColumn> columns);

namespace scalar {
PairBits FillPairs(const DosageEncoding& encoding, std::span<const uint8_t* const> rows,
                   uint32_t group, ValueBytes bytes, uint32_t* pairs);
void AddPairs(const PairBlock& block, std::span<const PairColumn> columns);
}  // namespace scalar

}  // namespace kinflow
