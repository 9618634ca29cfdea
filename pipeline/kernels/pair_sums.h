#pragma once

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

/// Values of up to kPairBlockRows rows for one group of 64 samples; missing ones are 0.
class PairBlock {
 public:
  PairBlock() { values_.Resize(kPairBlockRows / 2 * kLaneSamples * sizeof(uint32_t)); }
  /// `rows`: of a DosageTile with this encoding, readable up to the next multiple of 64 bytes.
  void Fill(const DosageEncoding& encoding, std::span<const uint8_t* const> rows, uint32_t group,
            ValueBytes bytes);
  /// Of pair p and lane l the value of row 2 p (lower half) and 2 p + 1 (upper half).
  const uint32_t* pair(uint32_t p) const {
    return reinterpret_cast<const uint32_t*>(values_.data()) + size_t{p} * kLaneSamples;
  }

 private:
  AlignedBuffer values_;
};

/// Weights of one score on one block, pair by pair.
struct PairWeights {
  uint32_t n_digits = 1;
  std::vector<uint8_t> pairs;    // with a weight, ascending
  std::vector<uint32_t> digits;  // n_digits a pair, lowest first; lower half: first row of the pair

  void Clear(uint32_t digits_of_score);
  /// Rows ascending; |weight| up to what n_digits hold.
  void Add(uint32_t row, int64_t weight);
};

/// sums[lane] += (sum over the pairs of weight x value) << shift, modulo 2^64.
void AddPairs(const PairBlock& block, const PairWeights& weights, uint32_t shift, uint64_t* sums);

namespace scalar {
void FillPairs(const DosageEncoding& encoding, std::span<const uint8_t* const> rows, uint32_t group,
               ValueBytes bytes, uint32_t* pairs);
void AddPairs(const PairBlock& block, const PairWeights& weights, uint32_t shift, uint64_t* sums);
}  // namespace scalar

}  // namespace kinflow
