#include "stages/kinship/concordance.h"

#include <gtest/gtest.h>

namespace kinflow::kinship {
namespace {

TEST(Concordance, PairsOfSamplesThatAreOnePersonsCountOnce) {
  EXPECT_EQ(PeopleOf({}), 0u);
  EXPECT_EQ(PeopleOf({{1, 2}, {3, 4}}), 2u);
  EXPECT_EQ(PeopleOf({{1, 2}, {1, 3}, {2, 3}, {5, 9}}), 2u);
  EXPECT_EQ(PeopleOf({{1, 2}, {3, 4}, {4, 2}}), 1u);  // joined by the last
}

TEST(Concordance, PairsOfFewPeopleAreNotTold) {
  const auto told = [](int64_t pairs, int64_t people) {
    return ConcordanceTable({}, pairs, people, 5).StringsOf("PAIRS").front();
  };
  EXPECT_EQ(told(0, 0), "0");
  EXPECT_EQ(told(4, 4), "<5");
  EXPECT_EQ(told(6, 4), "NA");  // one person's four samples, three people's two
  EXPECT_EQ(told(6, 5), "6");
}

}  // namespace
}  // namespace kinflow::kinship
