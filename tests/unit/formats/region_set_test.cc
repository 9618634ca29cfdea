#include "stages/formats/region_set.h"

#include <random>
#include <set>

#include "pipeline/base/text.h"
#include "tests/unit/formats/source_support.h"

namespace kinflow {
namespace {

using namespace test;

TEST(RegionSet, MergesSortsAndNormalises) {
  const auto set = RegionSet::Parse("chr2:50-60, 2:10-20,2:21-30 ,chrX,2:55,X:7-9");
  EXPECT_EQ(set->Canonical(), " 2:10-30 2:50-60 X");
  EXPECT_EQ(set->Of("2"), (RegionSet::Intervals{{10, 30}, {50, 60}}));
  EXPECT_TRUE(set->Of("3").empty());
  EXPECT_TRUE(set->ContainsAll("X"));
  EXPECT_FALSE(set->ContainsAll("2"));
  EXPECT_EQ(RegionSet::Parse("X,2:50-60,2:10-30")->Canonical(), set->Canonical());
  EXPECT_TRUE(RegionSet::Parse(" ")->empty());
}

TEST(RegionSet, EndsAreIncluded) {
  const auto set = RegionSet::Parse("1:10-20");
  for (const uint32_t in : {10u, 15u, 20u}) EXPECT_TRUE(set->Contains("1", in));
  for (const uint32_t out : {9u, 21u}) EXPECT_FALSE(set->Contains("1", out));
  EXPECT_FALSE(set->Contains("2", 15));
  const auto last = RegionSet::Parse("1:4294967295,1:1");
  EXPECT_TRUE(last->Contains("1", UINT32_MAX));
  EXPECT_FALSE(last->Contains("1", 2));
}

TEST(RegionSet, RefusesWhatIsNoRegion) {
  for (const char* text : {"1:5-3", "1:0-3", ":5", "1:a", "1:1-2-3", "1:", "1:5-4294967296"}) {
    const Error error = ErrorOf([&] { RegionSet::Parse(text); });
    EXPECT_EQ(error.id(), ErrorId::kConfigRange) << text;
    EXPECT_EQ(error.value(), text);
    EXPECT_FALSE(error.remedy().empty());
  }
}

// Random sets against sets of single positions.
TEST(RegionSet, AgreesWithASetOfPositions) {
  std::mt19937 random(7);
  const auto draw = [&](std::set<uint32_t>& positions) {
    std::vector<std::pair<std::string, Interval>> regions;
    for (int i = 0; i < 12; ++i) {
      const uint32_t begin = 1 + random() % 200, end = begin + random() % 9;
      regions.emplace_back("chr7", Interval{begin, end});
      for (uint32_t p = begin; p <= end; ++p) positions.insert(p);
    }
    return RegionSet::Build(regions);
  };
  for (int round = 0; round < 50; ++round) {
    std::set<uint32_t> in_a, in_b;
    const auto a = draw(in_a), b = draw(in_b);
    const auto both = RegionSet::Intersection(*a, *b);
    RegionCursor cursor(a);
    for (uint32_t p = 0; p < 220; ++p) {
      ASSERT_EQ(a->Contains("7", p), in_a.contains(p)) << p;
      ASSERT_EQ(cursor.Wants("7", p), in_a.contains(p)) << p;
      ASSERT_EQ(cursor.Wants("7", p), in_a.contains(p)) << p;
      ASSERT_EQ(both->Contains("7", p), in_a.contains(p) && in_b.contains(p)) << p;
    }
  }
}

// What is left of a name after "chr" is the name, whatever it looks like.
TEST(RegionSet, IntersectionKeepsNames) {
  const auto odd = RegionSet::Parse("chrchr1:5-9,0M:7,chrX");
  const auto both = RegionSet::Intersection(*odd, *odd);
  EXPECT_EQ(both->Canonical(), odd->Canonical());
  EXPECT_TRUE(both->Contains(NormaliseChrom("chrchr1"), 5));
}

}  // namespace
}  // namespace kinflow
