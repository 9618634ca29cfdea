#include "stages/qc/call_rates.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinflow {
namespace {

/// Variants of an array among 100 founders, by how many lack each.
struct Array {
  VariantCounts counts;
  VariantTable variants;

  void Add(size_t n, uint32_t missing, const char* chrom = "1") {
    for (size_t i = 0; i < n; ++i) {
      const bool by_sex = ClassOfChrom(chrom) != ChromClass::kAutosome;
      counts.Append(counts.size(), by_sex);
      counts.founders.calls.back() = {100 - missing, 0, 0, missing};
      variants.Append(chrom, static_cast<uint32_t>(i + 1), "v", "A", "C");
    }
  }
  uint64_t Unusual() const {
    CallRates rates;
    rates.Add(counts, variants);
    return rates.Unusual();
  }
};

/// One person who lacks some of the variants.
SampleCounts Person(uint64_t variants, uint32_t missing) {
  SampleCounts counts(1, 0, false);
  counts.groups[SampleCounts::kAutosome].variants = variants;
  counts.groups[SampleCounts::kAutosome].missing = {missing};
  return counts;
}

TEST(CallRates, FailedSamplesLowerAllVariantsAlike) {
  Array array;
  array.Add(500, 3);  // of four failed samples, with three calls in four missing
  array.Add(250, 4);
  array.Add(250, 2);
  EXPECT_EQ(array.Unusual(), 0u);
  array.Add(10, 6);
  EXPECT_EQ(array.Unusual(), 10u);
  EXPECT_DOUBLE_EQ(CallRates::AtBest(Person(1010, 760), 0, 10), 0.25);
}

TEST(CallRates, VariantsOfAnotherArrayAreUnusual) {
  Array few;
  few.Add(700, 0);
  few.Add(300, 5);  // that five people lack
  EXPECT_EQ(few.Unusual(), 300u);
  EXPECT_EQ(CallRates::AtBest(Person(1000, 300), 0, 300), 1);
  Array half;
  half.Add(200, 0);
  half.Add(800, 50);  // of either array
  EXPECT_EQ(half.Unusual(), 800u);
  EXPECT_EQ(CallRates::AtBest(Person(1000, 400), 0, 800), 1);
}

TEST(CallRates, VariantsOnYAreLeftOut) {
  Array array;
  array.Add(10, 0);
  array.Add(30, 100, "Y");
  EXPECT_EQ(array.Unusual(), 0u);
  SampleCounts woman = Person(10, 0);
  woman.groups[SampleCounts::kY].variants = 30;
  woman.groups[SampleCounts::kY].missing = {30};
  EXPECT_EQ(CallRates::AtBest(woman, 0, 0), 1);
}

TEST(CallRates, NothingToJudgeIsNoValue) {
  EXPECT_EQ(Array().Unusual(), 0u);
  EXPECT_TRUE(std::isnan(CallRates::AtBest(Person(0, 0), 0, 0)));
  EXPECT_TRUE(std::isnan(CallRates::AtBest(Person(10, 3), 0, 10)));
}

// What QcFirstStage relies on: it reads counts of variants only if somebody is below without them.
TEST(CallRates, WithoutUnusualVariantsTheyAreNoLower) {
  for (uint32_t missing = 0; missing <= 50; ++missing) {
    for (uint64_t unusual = 0; unusual < 50; ++unusual) {
      const SampleCounts person = Person(50, missing);
      EXPECT_GE(CallRates::AtBest(person, 0, unusual), CallRates::AtBest(person, 0, 0));
    }
  }
}

}  // namespace
}  // namespace kinflow
