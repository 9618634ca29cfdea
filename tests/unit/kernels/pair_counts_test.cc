#define HWY_WANT_AVX3_DL  // as the kernel

#include "pipeline/kernels/pair_counts.h"

#include <gtest/gtest.h>

#include <vector>

#include "pipeline/kernels/call_planes.h"
#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

/// Counted genotype by genotype.
PairCounts Naive(const test::RandomRows& calls, size_t rows, uint32_t a, uint32_t b) {
  PairCounts counts;
  for (size_t r = 0; r < rows; ++r) {
    const uint32_t x = calls.At(r, a), y = calls.At(r, b);
    if (x == 3 || y == 3) continue;
    counts.het_het += x == 1 && y == 1;
    counts.ibs0 += x + y == 2 && x != 1;
    counts.hom_hom += x != 1 && y != 1;
    counts.het_hom += x == 1 && y != 1;
    counts.hom_het += x != 1 && y == 1;
  }
  return counts;
}

/// Rows as planes of the groups of 8 people that hold them, missing behind the last row.
std::vector<std::vector<uint64_t>> GroupsOf(const test::RandomRows& calls, size_t rows,
                                            uint32_t samples) {
  std::vector<std::vector<uint64_t>> groups(CallPlanes::Groups(samples));
  CallPlanes planes(samples);
  for (size_t begin = 0; begin < rows; begin += CallPlanes::kMaxRows) {
    const size_t n = std::min<size_t>(CallPlanes::kMaxRows, rows - begin);
    std::vector<const uint8_t*> batch;
    for (size_t r = 0; r < n; ++r) batch.push_back(calls[begin + r]);
    planes.Fill(batch);
    const uint64_t absent = n == 64 ? 0 : ~uint64_t{0} << n;
    for (uint32_t g = 0; g < groups.size(); ++g) {
      for (size_t k = 0; k < kGroupWords; ++k) {
        groups[g].push_back(planes.Group(g)[k] | absent);
      }
    }
  }
  return groups;
}

TEST(AddPairCounts, CountsEveryPairAsGenotypeByGenotypeOnEachTarget) {
  constexpr uint32_t kSamples = 300;  // a whole block of planes and the beginning of the next
  for (const size_t rows : {1u, 63u, 64u, 65u, 31u * 64, 31u * 64 + 1, 70u * 64 - 3}) {
    const test::RandomRows calls(test::kTwoBitRows, kSamples, rows, rows);
    const auto groups = GroupsOf(calls, rows, kSamples);
    const size_t words = (rows + 63) / 64;
    const auto check = [&](const char* target, auto add) {
      for (const auto& [ga, gb] : {std::pair{0u, 0u}, {3u, 31u}, {17u, 32u}, {40u, 5u}}) {
        std::vector<PairCounts> counts(64);
        add(groups[ga].data(), groups[gb].data(), words, counts.data());
        for (uint32_t i = 0; i < 8; ++i) {
          for (uint32_t j = 0; j < 8; ++j) {
            const uint32_t a = CallPlanes::SampleOf(ga, i), b = CallPlanes::SampleOf(gb, j);
            if (a >= kSamples || b >= kSamples) continue;
            ASSERT_EQ(counts[8 * i + j], Naive(calls, rows, a, b))
                << target << " rows=" << rows << " " << a << " " << b;
          }
        }
      }
    };
    check("twin", scalar::AddPairCounts);
    test::OnEachTarget([&](const char* target) { check(target, AddPairCounts); });
  }
}

// Byte counters hold at most 31 words of ones.
TEST(AddPairCounts, DoesNotOverflowWhereAllAgree) {
  constexpr size_t kWords = 100;
  const std::vector<uint64_t> hom(kGroupWords * kWords, 0);
  std::vector<uint64_t> het(kGroupWords * kWords, 0);
  for (size_t w = 0; w < kWords; ++w) std::fill_n(het.begin() + kGroupWords * w, 8, ~uint64_t{0});
  test::OnEachTarget([&](const char* target) {
    std::vector<PairCounts> counts(64, PairCounts{1, 2, 3, 4, 5});
    AddPairCounts(het.data(), het.data(), kWords, counts.data());
    AddPairCounts(hom.data(), hom.data(), kWords, counts.data());
    AddPairCounts(hom.data(), het.data(), kWords, counts.data());
    for (const PairCounts& pair : counts) {
      EXPECT_EQ(pair, (PairCounts{6401, 2, 6403, 4, 6405})) << target;
    }
  });
}

}  // namespace
}  // namespace kinflow
