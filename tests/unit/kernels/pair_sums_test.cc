#include "pipeline/kernels/pair_sums.h"

#include <gtest/gtest.h>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

using test::OnEachTarget;
using test::RandomRows;

std::vector<DosageEncoding> Encodings() {
  return {test::kTwoBitRows,
          DosageEncoding::ForUnits(1),
          DosageEncoding::ForUnits(100),
          DosageEncoding::ForUnits(127, 0),
          DosageEncoding::ForUnits(16384),
          DosageEncoding::ForUnits(32767)};
}

/// Largest |weight| of so many balanced digits.
int64_t LargestOf(uint32_t digits) {
  int64_t most = 32767;
  for (uint32_t d = 1; d < digits; ++d) most = most * 65536 + 32767;
  return most;
}

std::vector<int64_t> RandomWeights(size_t rows, uint32_t digits, bool sparse) {
  Philox random(71, digits);
  const int64_t most = LargestOf(digits);
  std::vector<int64_t> weights(rows, 0);
  for (size_t r = 0; r < rows; ++r) {
    if (sparse && random.Below(10) != 0) continue;
    const auto limit = 2 * static_cast<uint64_t>(most) + 1;
    weights[r] = r % 17 == 3   ? most
                 : r % 17 == 5 ? -most
                               : static_cast<int64_t>(random.Below(limit)) - most;
  }
  return weights;
}

/// The sums of one group of 64 samples by PairBlock and AddPairs: of so many columns of the same
/// weights, which must be the same.
std::vector<uint64_t> SumsOf(const DosageEncoding& encoding,
                             const std::vector<const uint8_t*>& rows,
                             const std::vector<int64_t>& weights, size_t copies, uint32_t group,
                             uint32_t shift) {
  PairWeights pairs;
  pairs.Clear();
  for (size_t r = 0; r < weights.size(); ++r) {
    if (weights[r] != 0) pairs.Add(static_cast<uint32_t>(r), weights[r]);
  }
  pairs.Close(static_cast<uint32_t>((rows.size() + 1) / 2));
  std::vector<uint64_t> sums(copies * kLaneSamples, 5);
  const auto columns = [&](uint32_t by) {
    std::vector<PairColumn> all;
    for (size_t k = 0; k < copies; ++k) {
      pairs.AppendColumns(by, sums.data() + k * kLaneSamples, all);
    }
    return all;
  };
  PairBlock block;
  block.Fill(encoding, rows, group, ValueBytes::kLow);
  AddPairs(block, columns(shift));
  if (encoding.layout == DosageEncoding::Layout::kU16) {
    block.Fill(encoding, rows, group, ValueBytes::kHigh);
    AddPairs(block, columns(shift + 8));
  }
  for (size_t k = 1; k < copies; ++k) {
    EXPECT_TRUE(std::equal(sums.begin(), sums.begin() + kLaneSamples,
                           sums.begin() + static_cast<std::ptrdiff_t>(k * kLaneSamples)))
        << "column " << k;
  }
  sums.resize(kLaneSamples);
  return sums;
}

// The definition, modulo 2^64; values at their largest and weights too.
TEST(PairSums, EqualTheDefinitionOnEachTarget) {
  constexpr uint32_t kSamples = 150;
  for (const DosageEncoding& encoding : Encodings()) {
    for (const size_t n_rows : {1u, 2u, 7u, 255u, 256u}) {
      const RandomRows data(encoding, kSamples, n_rows, 73);
      std::vector<const uint8_t*> rows;
      for (size_t r = 0; r < n_rows; ++r) rows.push_back(data[r]);
      for (const uint32_t digits : {1u, 2u, 3u}) {
        const auto weights = RandomWeights(n_rows, digits, n_rows % 2 == 1);
        OnEachTarget([&](const char* target) {
          for (uint32_t s = 0; s < kSamples; ++s) {
            if (s % kLaneSamples != 0) continue;
            const auto sums = SumsOf(encoding, rows, weights, 1 + n_rows % 8, s / kLaneSamples, 3);
            for (uint32_t i = s; i < std::min(kSamples, s + kLaneSamples); ++i) {
              uint64_t expected = 0;
              for (size_t r = 0; r < n_rows; ++r) {
                const uint32_t value = data.At(r, i);
                if (value == encoding.missing()) continue;
                expected += static_cast<uint64_t>(weights[r]) * value;
              }
              ASSERT_EQ(sums[LaneOf(i % kLaneSamples)], static_cast<uint64_t>(expected * 8 + 5))
                  << target << " units " << encoding.units_per_copy << " rows " << n_rows
                  << " digits " << digits << " sample " << i;
            }
          }
        });
      }
    }
  }
}

// Every product at its largest at once: the 32-bit sums of a block must hold them.
TEST(PairSums, LargestBlockDoesNotOverflow) {
  for (const uint32_t units : {1u, 127u, 32767u}) {
    const DosageEncoding encoding = DosageEncoding::ForUnits(units);
    DosageTile tile;
    tile.Shape(kLaneSamples, encoding, kPairBlockRows);
    std::vector<const uint8_t*> rows;
    // 255 in both bytes of a u16 value needs no dosage: it is beyond what files hold.
    const uint32_t value = encoding.layout == DosageEncoding::Layout::kU16 ? 65534 : 2 * units;
    for (uint32_t r = 0; r < kPairBlockRows; ++r) {
      for (uint32_t s = 0; s < kLaneSamples; ++s) {
        if (encoding.layout == DosageEncoding::Layout::kU16) {
          tile.RowU16(r)[s] = static_cast<uint16_t>(value);
        } else {
          tile.Row(r)[s] = static_cast<uint8_t>(value);
        }
      }
      rows.push_back(tile.Row(r));
    }
    for (const int64_t weight : {int64_t{32767}, int64_t{-32768}}) {
      const std::vector<int64_t> weights(kPairBlockRows, weight);
      OnEachTarget([&](const char* target) {
        const auto sums = SumsOf(encoding, rows, weights, 1, 0, 0);
        const int64_t expected = weight * value * kPairBlockRows + 5;
        EXPECT_EQ(static_cast<int64_t>(sums[0]), expected) << target << " units " << units;
      });
    }
  }
}

// Which pairs of rows have missing values decides who is looked at for them.
TEST(PairSums, PairsWithMissingValuesAreTold) {
  for (const DosageEncoding& encoding : Encodings()) {
    for (const size_t n_rows : {1u, 7u, 256u}) {
      const RandomRows data(encoding, 2 * kLaneSamples, n_rows, 79);
      std::vector<const uint8_t*> rows;
      for (size_t r = 0; r < n_rows; ++r) rows.push_back(data[r]);
      for (const uint32_t group : {0u, 1u}) {
        PairBits expected{};
        for (size_t r = 0; r < n_rows; ++r) {
          for (uint32_t s = 0; s < kLaneSamples; ++s) {
            if (data.At(r, group * kLaneSamples + s) != encoding.missing()) continue;
            expected[r / 128] |= uint64_t{1} << (r / 2 % 64);
          }
        }
        OnEachTarget([&](const char* target) {
          PairBlock block;
          for (const ValueBytes bytes : {ValueBytes::kLow, ValueBytes::kHigh}) {
            if (bytes == ValueBytes::kHigh && encoding.layout != DosageEncoding::Layout::kU16) {
              continue;
            }
            block.Fill(encoding, rows, group, bytes);
            EXPECT_EQ(block.missing(), expected) << target << " rows " << n_rows;
          }
        });
      }
    }
  }
}

TEST(PairSums, DigitsAreKeptWhereTheyAreNotZero) {
  PairWeights weights;
  weights.Add(0, 32767);
  weights.Add(3, 32768);  // -32768 + 1 x 65536
  weights.Add(5, 65536);
  weights.Close(8);
  EXPECT_EQ(weights.digits[0].pairs, (std::vector<uint8_t>{0, 1}));
  EXPECT_EQ(weights.digits[0].values, (std::vector<uint32_t>{32767, 0x80000000u}));
  EXPECT_EQ(weights.digits[1].pairs, (std::vector<uint8_t>{1, 2}));
  EXPECT_EQ(weights.digits[1].values, (std::vector<uint32_t>{0x10000u, 0x10000u}));
  EXPECT_TRUE(weights.digits[2].pairs.empty());
  weights.Close(4);  // half of the pairs have one: all get one
  EXPECT_EQ(weights.digits[0].pairs.size(), 4u);
  EXPECT_EQ(weights.digits[0].values, (std::vector<uint32_t>{32767, 0x80000000u, 0, 0}));
}

TEST(PairSums, LanesAreAPermutation) {
  std::vector<uint32_t> seen(2 * kLaneSamples, 0);
  for (uint32_t s = 0; s < 2 * kLaneSamples; ++s) ++seen[LaneOf(s)];
  EXPECT_EQ(seen, std::vector<uint32_t>(2 * kLaneSamples, 1));
}

}  // namespace
}  // namespace kinflow
