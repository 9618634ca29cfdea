#include "stages/batches/site_match.h"

#include <gtest/gtest.h>

#include <string>

namespace kinflow {
namespace {

/// "batch:REF>ALT" entries; gives matches as places and losses as "place:reason:other".
std::string Matched(uint32_t batches, const std::vector<SiteVariant>& site) {
  SiteMatcher matcher(batches);
  matcher.Match(site);
  std::string text;
  for (size_t m = 0; m < matcher.matches(); ++m) {
    for (uint32_t b = 0; b < batches; ++b) {
      text += (b == 0 ? "" : "=") + std::to_string(matcher.Place(m, b));
    }
    text += " ";
  }
  for (const auto& loss : matcher.losses()) {
    text += std::to_string(loss.variant) + ":" + std::string(LeftOutName(loss.reason)) + ":" +
            std::to_string(loss.other) + " ";
  }
  return text;
}

TEST(SiteMatch, TheSamePairOfAllelesInEitherOrder) {
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {1, "A", "C"}}), "0=1 ");
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {1, "C", "A"}}), "0=1 ");
  EXPECT_TRUE(IsSwapped({0, "A", "C"}, {1, "C", "A"}));
  EXPECT_FALSE(IsSwapped({0, "A", "C"}, {1, "A", "C"}));
  EXPECT_EQ(Matched(3, {{0, "A", "CTT"}, {1, "CTT", "A"}, {2, "A", "CTT"}}), "0=1=2 ");
}

TEST(SiteMatch, StrandsAreNotGuessed) {
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {1, "T", "G"}}), "0:other_strand:1 1:other_strand:0 ");
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {1, "G", "T"}}), "0:other_strand:1 1:other_strand:0 ");
  // The strand of A/T cannot be told: it is taken as it is written.
  EXPECT_EQ(Matched(2, {{0, "A", "T"}, {1, "T", "A"}}), "0=1 ");
}

TEST(SiteMatch, AbsentAndOtherAlleles) {
  EXPECT_EQ(Matched(2, {{0, "A", "C"}}), "0:absent_in_other:1 ");
  EXPECT_EQ(Matched(2, {{1, "A", "C"}}), "0:absent_in_other:0 ");
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {1, "A", "AT"}}), "0:other_alleles:1 1:other_alleles:0 ");
  EXPECT_EQ(Matched(3, {{0, "A", "C"}, {1, "A", "C"}}), "0:absent_in_other:2 1:absent_in_other:2 ");
  EXPECT_EQ(Matched(3, {{0, "A", "C"}, {2, "A", "G"}}), "0:absent_in_other:1 1:other_alleles:0 ");
}

TEST(SiteMatch, PartsOfMultiallelicRecordsInTheOrderOfTheFirstBatch) {
  EXPECT_EQ(Matched(2, {{0, "G", "T"}, {0, "G", "A"}, {1, "G", "A"}, {1, "G", "T"}}), "0=3 1=2 ");
  EXPECT_EQ(Matched(2, {{0, "G", "A"}, {0, "G", "T"}, {1, "T", "G"}, {1, "G", "C"}}),
            "1=2 0:other_alleles:1 3:other_alleles:0 ");
}

TEST(SiteMatch, AlternativesThatComplementEachOther) {
  // G>C and C>G is one pair twice; A>C and T>G are two.
  EXPECT_EQ(Matched(2, {{0, "G", "C"}, {0, "C", "G"}, {1, "G", "C"}}),
            "0:duplicate:0 1:duplicate:0 2:duplicate_in_other:0 ");
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {0, "T", "G"}, {1, "A", "C"}}), "0=2 1:other_strand:1 ");
}

TEST(SiteMatch, APairThatABatchHasTwiceMatchesNothing) {
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {1, "A", "C"}, {1, "A", "C"}}),
            "0:duplicate_in_other:1 1:duplicate:1 2:duplicate:1 ");
  EXPECT_EQ(Matched(2, {{0, "A", "C"}, {0, "A", "G"}, {1, "A", "C"}, {1, "C", "A"}, {1, "A", "G"}}),
            "1=4 0:duplicate_in_other:1 2:duplicate:1 3:duplicate:1 ");
}

TEST(SiteMatch, NothingIsLeftOfTheSiteBefore) {
  SiteMatcher matcher(2);
  matcher.Match(std::vector<SiteVariant>{{0, "A", "C"}});
  EXPECT_EQ(matcher.losses().size(), 1u);
  matcher.Match(std::vector<SiteVariant>{{0, "A", "C"}, {1, "A", "C"}});
  EXPECT_EQ(matcher.matches(), 1u);
  EXPECT_TRUE(matcher.losses().empty());
  matcher.Match(std::vector<SiteVariant>{});
  EXPECT_EQ(matcher.matches(), 0u);
}

}  // namespace
}  // namespace kinflow
