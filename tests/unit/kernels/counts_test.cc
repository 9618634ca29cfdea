#include "pipeline/kernels/counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

using test::kTwoBitRows;
using test::OnEachTarget;
using test::RandomRows;

// All tails of one vector of any width, and sizes that pass the byte counters' flush (63 and 255
// vectors of 16 to 64 bytes).
std::vector<uint32_t> Sizes() {
  std::vector<uint32_t> sizes(131);
  std::iota(sizes.begin(), sizes.end(), 0u);
  sizes.insert(sizes.end(), {255, 256, 257, 4033, 16385, 20000});
  return sizes;
}

std::vector<uint8_t> RandomSubset(uint32_t n, uint64_t seed) {
  Philox random(seed, 99);
  std::vector<uint8_t> chosen(n);
  for (uint8_t& c : chosen) c = static_cast<uint8_t>(random.Below(2));
  return chosen;
}

std::vector<DosageEncoding> DosageEncodings() {
  return {DosageEncoding::ForUnits(1),       DosageEncoding::ForUnits(100),
          DosageEncoding::ForUnits(127 - 1), DosageEncoding::ForUnits(255),
          DosageEncoding::ForUnits(1000),    DosageEncoding::ForUnits(16384),
          DosageEncoding::ForUnits(32767)};
}

// The definition, one sample at a time.
CallCounts Tally(const RandomRows& rows, size_t r, const std::vector<uint8_t>& chosen) {
  CallCounts counts;
  for (uint32_t s = 0; s < chosen.size(); ++s) {
    if (chosen[s] == 0) continue;
    const uint32_t call = rows.At(r, s);
    ++(call == 0   ? counts.hom_ref
       : call == 1 ? counts.het
       : call == 2 ? counts.hom_alt
                   : counts.missing);
  }
  return counts;
}

TEST(CountCalls, EqualsTallyOnEveryTargetAndTail) {
  for (const uint32_t n : Sizes()) {
    const RandomRows rows(kTwoBitRows, n, 1, 7);
    for (const auto& chosen : {std::vector<uint8_t>(n, 1), RandomSubset(n, 3)}) {
      const SampleMask mask(chosen);
      const CallCounts expected = Tally(rows, 0, chosen);
      EXPECT_EQ(expected.total(), mask.count());
      EXPECT_EQ(scalar::CountCalls(rows[0], mask.two_bit(), (n + 3) / 4), expected);
      OnEachTarget([&](const char* target) {
        EXPECT_EQ(CountCalls(rows[0], mask), expected) << target << " n=" << n;
      });
    }
  }
}

TEST(CountCalls, LargestCountsDoNotOverflowTheByteCounters) {
  constexpr uint32_t kSamples = 300000;
  for (const uint8_t fill : {0x00, 0x55, 0xAA, 0xFF}) {
    AlignedBuffer row;
    row.Resize(kSamples / 4 + 64);
    std::fill_n(row.data(), row.size() + 64 - row.size() % 64, fill);
    const SampleMask mask(std::vector<uint8_t>(kSamples, 1));
    OnEachTarget([&](const char* target) {
      const CallCounts c = CountCalls(row.data(), mask);
      EXPECT_EQ((fill == 0x00   ? c.hom_ref
                 : fill == 0x55 ? c.het
                 : fill == 0xAA ? c.hom_alt
                                : c.missing),
                kSamples)
          << target;
      EXPECT_EQ(c.total(), kSamples);
    });
  }
}

TEST(SumDosages, EqualsExactSumsOnEveryTargetAndTail) {
  for (const DosageEncoding& encoding : DosageEncodings()) {
    for (const uint32_t n : Sizes()) {
      const RandomRows rows(encoding, n, 1, 11);
      const std::vector<uint8_t> chosen = RandomSubset(n, 5);
      const SampleMask mask(chosen);
      DosageSums expected;
      for (uint32_t s = 0; s < n; ++s) {
        const uint64_t value = rows.At(0, s);
        if (chosen[s] == 0 || value == encoding.missing()) continue;
        ++expected.called;
        expected.sum += value;
        expected.sum_squares += value * value;
      }
      EXPECT_EQ(scalar::SumDosages(encoding, rows[0], mask.bytes(), n), expected);
      OnEachTarget([&](const char* target) {
        EXPECT_EQ(SumDosages(encoding, rows[0], mask), expected)
            << target << " n=" << n << " units=" << encoding.units_per_copy;
      });
    }
  }
}

TEST(SumDosages, LargestSumsDoNotOverflow) {
  constexpr uint32_t kSamples = 1u << 20;
  DosageTile tile;
  const SampleMask mask(std::vector<uint8_t>(kSamples, 1));
  for (const DosageEncoding& encoding :
       {DosageEncoding::ForUnits(127 - 0), DosageEncoding::ForUnits(32767)}) {
    tile.Shape(kSamples, encoding, 1);
    const uint64_t top = encoding.missing() - 1;
    if (encoding.layout == DosageEncoding::Layout::kU8) {
      std::fill_n(tile.Row(0), kSamples, static_cast<uint8_t>(top));
    } else {
      std::fill_n(tile.RowU16(0), kSamples, static_cast<uint16_t>(top));
    }
    OnEachTarget([&](const char* target) {
      const DosageSums sums = SumDosages(encoding, tile.Row(0), mask);
      EXPECT_EQ(sums.called, kSamples) << target;
      EXPECT_EQ(sums.sum, top * kSamples) << target;
      EXPECT_EQ(sums.sum_squares, top * top * kSamples) << target;
    });
  }
}

TEST(PackCalls, BinsByDistanceOnEveryTargetAndTail) {
  for (const DosageEncoding& encoding : DosageEncodings()) {
    const uint32_t distance = HardCallDistance(encoding, 0.1);
    for (const uint32_t n : Sizes()) {
      const RandomRows rows(encoding, n, 1, 13);
      AlignedBuffer out;
      out.Resize((n / 4 + 64) / 64 * 64);
      const auto check = [&](const char* target) {
        for (uint32_t s = 0; s < n; ++s) {
          const double copies = rows.At(0, s) / static_cast<double>(encoding.units_per_copy);
          const double whole = std::min(std::floor(copies + 0.5), 2.0);
          const bool known =
              rows.At(0, s) != encoding.missing() && std::abs(copies - whole) <= 0.1 + 1e-9;
          const uint32_t expected = known ? static_cast<uint32_t>(whole) : 3u;
          ASSERT_EQ((out.data()[s / 4] >> (2 * (s % 4))) & 3u, expected)
              << target << " n=" << n << " units=" << encoding.units_per_copy
              << " value=" << rows.At(0, s);
        }
      };
      scalar::PackCalls(encoding, distance, rows[0], n, out.data());
      check("twin");
      OnEachTarget([&](const char* target) {
        PackCalls(encoding, distance, rows[0], n, out.data());
        check(target);
      });
    }
  }
}

TEST(HardCallDistance, IsExactOnTheGrid) {
  EXPECT_EQ(HardCallDistance(DosageEncoding::ForUnits(1000), 0.1), 100u);
  EXPECT_EQ(HardCallDistance(DosageEncoding::ForUnits(16384), 0.1), 1638u);
  EXPECT_EQ(HardCallDistance(DosageEncoding::ForUnits(1000), 0.499), 499u);
  EXPECT_EQ(HardCallDistance(DosageEncoding::ForUnits(1), 0.1), 0u);
}

struct Counters {
  explicit Counters(uint32_t n) : het(n, 5), hom_alt(n, 6), missing(n, 7) {}
  CallCounters view() { return {het.data(), hom_alt.data(), missing.data()}; }
  bool operator==(const Counters&) const = default;
  std::vector<uint32_t> het, hom_alt, missing;
};

TEST(AddCallCounts, EqualsTwinForEveryTailRangeAndNumberOfRows) {
  for (const size_t n_rows : {size_t{0}, size_t{1}, size_t{2}, size_t{3}, size_t{14}, size_t{16},
                              size_t{254}, size_t{256}, size_t{520}}) {
    for (uint32_t n = 0; n <= 400; n += n < 131 ? 1 : 67) {
      if (n_rows > 20 && n % 13 != 0) continue;
      const RandomRows rows(kTwoBitRows, n, n_rows, 19);
      std::vector<const uint8_t*> pointers;
      for (size_t r = 0; r < n_rows; ++r) pointers.push_back(rows[r]);
      for (const Range range : {Range{0, n}, Range{n / 3, n - n / 5}, Range{n / 2, n / 2}}) {
        Counters expected(n);
        for (size_t r = 0; r < n_rows; ++r) {
          for (uint32_t s = range.begin; s < range.end; ++s) {
            expected.het[s] += rows.At(r, s) == 1;
            expected.hom_alt[s] += rows.At(r, s) == 2;
            expected.missing[s] += rows.At(r, s) == 3;
          }
        }
        OnEachTarget([&](const char* target) {
          Counters got(n);
          AddCallCounts(pointers, range, got.view());
          EXPECT_EQ(got, expected) << target << " n=" << n << " rows=" << n_rows;
        });
      }
    }
  }
}

TEST(AddCallCounts, FullFieldsDoNotOverflow) {
  constexpr uint32_t kSamples = 1000;
  for (const uint8_t fill : {0x55, 0xAA, 0xFF}) {
    AlignedBuffer row;
    row.Resize(256);
    std::fill_n(row.data(), 256, fill);
    const std::vector<const uint8_t*> rows(1000, row.data());
    OnEachTarget([&](const char* target) {
      Counters got(kSamples);
      AddCallCounts(rows, {0, kSamples}, got.view());
      for (uint32_t s = 0; s < kSamples; ++s) {
        ASSERT_EQ(got.het[s], 5u + (fill == 0x55 ? 1000u : 0u)) << target;
        ASSERT_EQ(got.hom_alt[s], 6u + (fill == 0xAA ? 1000u : 0u)) << target;
        ASSERT_EQ(got.missing[s], 7u + (fill == 0xFF ? 1000u : 0u)) << target;
      }
    });
  }
}

TEST(AppendMissing, ListsEachMissingValueOfTheRange) {
  std::vector<DosageEncoding> encodings = DosageEncodings();
  encodings.push_back(kTwoBitRows);
  for (const DosageEncoding& encoding : encodings) {
    for (const uint32_t n : Sizes()) {
      const RandomRows rows(encoding, n, 1, 23);
      for (const Range range : {Range{0, n}, Range{n / 3, n - n / 5}}) {
        std::vector<uint32_t> expected, got;
        for (uint32_t s = range.begin; s < range.end; ++s) {
          if (rows.At(0, s) == encoding.missing()) expected.push_back(s);
        }
        test::OnEachTarget([&](const char* target) {
          got.clear();
          AppendMissing(encoding, rows[0], range, got);
          EXPECT_EQ(got, expected) << target << " n=" << n << " units=" << encoding.units_per_copy;
        });
      }
    }
  }
}

}  // namespace
}  // namespace kinflow
