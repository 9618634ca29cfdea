#include "stages/kinship/concordance.h"

#include <gtest/gtest.h>

namespace kinflow::kinship {
namespace {

TEST(Concordance, PairsOfSamplesThatAreOnePersonsCountOnce) {
  EXPECT_EQ(PeopleOf({}).size(), 0u);
  EXPECT_EQ(PeopleOf({{1, 2}, {3, 4}}), (SamplesOfPeople{{1, 2}, {3, 4}}));
  EXPECT_EQ(PeopleOf({{1, 2}, {1, 3}, {2, 3}, {5, 9}}), (SamplesOfPeople{{1, 2, 3}, {5, 9}}));
  EXPECT_EQ(PeopleOf({{1, 2}, {3, 4}, {4, 2}}).size(), 1u);  // joined by the last
}

TEST(Concordance, OneWrongCallOfManyCopiesIsOne) {
  // Six copies of one person, and two people twice.
  std::vector<PairOfSamples> pairs;
  for (uint32_t a = 0; a < 6; ++a) {
    for (uint32_t b = a + 1; b < 6; ++b) pairs.push_back({a, b});
  }
  pairs.push_back({6, 7});
  pairs.push_back({8, 9});
  const auto compared = [&pairs](const std::vector<uint8_t>& calls) {
    std::vector<uint8_t> row(3, 0);
    for (size_t s = 0; s < calls.size(); ++s) {
      row[s / 4] = static_cast<uint8_t>(row[s / 4] | calls[s] << (2 * (s % 4)));
    }
    return CompareCalls(row.data(), pairs, PeopleOf(pairs));
  };
  const RepeatedCalls one = compared({0, 0, 1, 0, 0, 0, 2, 2, 1, 1});
  EXPECT_EQ(one.discordant, 5u);
  EXPECT_EQ(one.deviating, 1u);
  EXPECT_EQ(one.repeats, 7u);
  EXPECT_EQ(compared({0, 1, 1, 0, 0, 0, 2, 2, 1, 1}).deviating, 2u);
  EXPECT_EQ(compared({0, 0, 0, 0, 0, 0, 2, 0, 1, 2}).deviating, 2u);  // of two people
  const RepeatedCalls missing = compared({3, 0, 1, 3, 3, 0, 3, 2, 3, 3});
  EXPECT_EQ(missing.both, 3u);
  EXPECT_EQ(missing.repeats, 2u);
  EXPECT_EQ(missing.deviating, 1u);
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
