#include "stages/pca/unrelated.h"

#include <gtest/gtest.h>

namespace kinflow::pca {
namespace {

constexpr PairCounts kTwins = {.het_het = 100};  // kinship 1/2
constexpr PairCounts kStrangers = {
    .het_het = 50, .ibs0 = 25, .hom_hom = 50, .het_hom = 50, .hom_het = 50};  // 0

/// Ten people; the last one is a child of the first two.
CohortPtr TenPeople() {
  std::vector<std::string> ids;
  std::vector<Person> people;
  for (int i = 0; i < 10; ++i) {
    ids.push_back("p" + std::to_string(i));
    people.push_back({.iid = ids.back()});
  }
  people[9].father = "p0";
  people[9].mother = "p1";
  auto samples = SampleTable::Build(ids, ids, std::vector<Sex>(10, Sex::kUnknown), "x");
  return Cohort::Build(std::move(samples), Pedigree::Build(std::move(people), "x"));
}

std::vector<uint8_t> Chosen(const std::vector<kinship::Pair>& pairs,
                            const std::vector<uint8_t>& kept = std::vector<uint8_t>(10, 1)) {
  return UnrelatedFounders(*TenPeople(), kept, pairs, 0.0884);
}

TEST(UnrelatedFounders, FoundersWithoutPairs) {
  EXPECT_EQ(Chosen({}), (std::vector<uint8_t>{1, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
  EXPECT_EQ(Chosen({{{2, 3}, kStrangers}}), (std::vector<uint8_t>{1, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
}

TEST(UnrelatedFounders, WhoeverHasMostRelativesGoes) {
  EXPECT_EQ(Chosen({{{2, 4}, kTwins}, {{3, 4}, kTwins}, {{4, 5}, kTwins}}),
            (std::vector<uint8_t>{1, 1, 1, 1, 0, 1, 1, 1, 1, 0}));
  // Of equals the later one.
  EXPECT_EQ(Chosen({{{2, 4}, kTwins}}), (std::vector<uint8_t>{1, 1, 1, 1, 0, 1, 1, 1, 1, 0}));
  // A chain of four loses two.
  EXPECT_EQ(Chosen({{{2, 3}, kTwins}, {{3, 4}, kTwins}, {{4, 5}, kTwins}}),
            (std::vector<uint8_t>{1, 1, 1, 0, 0, 1, 1, 1, 1, 0}))
      << "4 first, then 3, the later of 2 and 3";
}

TEST(UnrelatedFounders, PeopleWhoAreOutTakeNobodyWithThem) {
  std::vector<uint8_t> kept(10, 1);
  kept[4] = 0;
  EXPECT_EQ(Chosen({{{2, 4}, kTwins}, {{3, 4}, kTwins}, {{1, 9}, kTwins}}, kept),
            (std::vector<uint8_t>{1, 1, 1, 1, 0, 1, 1, 1, 1, 0}));
}

TEST(UnrelatedFounders, WhereNoneIsLeftAllStandForThem) {
  std::vector<uint8_t> kept(10, 0);
  kept[9] = 1;
  EXPECT_EQ(Chosen({}, kept), kept);
}

}  // namespace
}  // namespace kinflow::pca
