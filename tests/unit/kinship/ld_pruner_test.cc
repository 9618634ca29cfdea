#include "stages/kinship/ld_pruner.h"

#include <gtest/gtest.h>

#include "pipeline/base/philox.h"

namespace kinflow::kinship {
namespace {

constexpr size_t kBytes = 64;

/// A row of 256 people; `seed` decides the calls, about a share `alt` of the alleles ALT.
AlignedBuffer Row(uint64_t seed, double alt) {
  Philox random(seed, 0);
  AlignedBuffer row;
  row.Resize(kBytes);
  std::fill_n(row.data(), kBytes, uint8_t{0});
  for (uint32_t s = 0; s < 256; ++s) {
    const unsigned call = (random.Below(1000) < 1000 * alt) + (random.Below(1000) < 1000 * alt);
    row.data()[s / 4] = static_cast<uint8_t>(row.data()[s / 4] | call << 2 * (s % 4));
  }
  return row;
}

std::vector<uint64_t> Kept(const std::vector<std::tuple<const char*, uint32_t, uint64_t>>& variants,
                           double max_r2 = 0.5) {
  LdPruner pruner(1000, max_r2, kBytes);
  uint64_t row = 0;
  for (const auto& [chrom, pos, seed] : variants) {
    pruner.Add(row++, chrom, pos, Row(seed, 0.3).data());
  }
  pruner.Finish();
  EXPECT_EQ(pruner.seen(), variants.size());
  return pruner.kept();
}

using Rows = std::vector<uint64_t>;

TEST(LdPruner, DropsTheLaterOfTwoEqualVariantsWithinTheWindowOnly) {
  EXPECT_EQ(Kept({{"1", 1, 5}, {"1", 1001, 5}}), (Rows{0}));
  EXPECT_EQ(Kept({{"1", 1, 5}, {"1", 1002, 5}}), (Rows{0, 1}));
  EXPECT_EQ(Kept({{"1", 1, 5}, {"2", 2, 5}}), (Rows{0, 1}));
  EXPECT_EQ(Kept({{"1", 1, 5}, {"1", 2, 6}, {"1", 3, 5}, {"1", 4, 6}}), (Rows{0, 1}));
}

TEST(LdPruner, KeepsTheCommonerOfTwoCorrelatedVariants) {
  // The second one has some more copies of ALT, the minor allele.
  AlignedBuffer first = Row(5, 0.3), second = Row(5, 0.3);
  for (size_t i = 0; i < 4; ++i) second.data()[i] = 0xAA;
  LdPruner pruner(1000, 0.5, kBytes);
  pruner.Add(0, "1", 1, first.data());
  pruner.Add(1, "1", 2, second.data());
  pruner.Finish();
  EXPECT_EQ(pruner.kept(), (Rows{1}));
}

TEST(LdPruner, HoldsAWindowAtMost) {
  LdPruner pruner(1000, 0.5, kBytes);
  for (uint32_t v = 0; v < 1000; ++v) pruner.Add(v, "1", 1 + 100 * v, Row(v, 0.3).data());
  pruner.Finish();
  EXPECT_EQ(pruner.kept().size(), 1000u);
  EXPECT_LE(pruner.peak_bytes(), 12 * kBytes);
}

}  // namespace
}  // namespace kinflow::kinship
