#include "stages/kinship/kinship_sums.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "stages/kinship/relation.h"

namespace kinflow::kinship {
namespace {

constexpr double kFromData = std::numeric_limits<double>::quiet_NaN();

/// A table of pairs, as far as sums are made of it.
struct Pairs {
  Table::Strings first, second, declared, state;
  Table::Doubles kinship;

  void Add(const std::string& a, const std::string& b, double value,
           Relation relation = Relation::kUnrelated) {
    first.push_back(a);
    second.push_back(b);
    kinship.push_back(value);
    declared.emplace_back(RelationName(relation));
    state.emplace_back("by chance");
  }
  Table ToTable() const {
    Table table;
    table.Add("IID1", first);
    table.Add("IID2", second);
    table.Add("KINSHIP", kinship);
    table.Add("DECLARED", declared);
    table.Add("STATE", state);
    return table;
  }
};

std::string OutlierOf(const Table& people, const std::string& iid) {
  for (size_t r = 0; r < people.rows(); ++r) {
    if (people.StringsOf("IID")[r] == iid) return people.StringsOf("OUTLIER")[r];
  }
  return "absent";
}

// quantile(c(0, 1, 2, 3, 10), c(.25, .75)) of R: 1 and 3.
TEST(KinshipSums, TheLimitIsTukeysOuterFence) {
  EXPECT_DOUBLE_EQ(MaxSumOf({10, 0, 2, 1, 3}), 9);
  // quantile(c(0.2, 0.4, 1, 2), c(.25, .75)) of R: 0.35 and 1.25.
  EXPECT_DOUBLE_EQ(MaxSumOf({2, 0.2, 1, 0.4}), 3.95);
  EXPECT_DOUBLE_EQ(MaxSumOf({0.2, 0.2, 0.2, 0.25}), 1);  // no less than a family of one's own
  EXPECT_DOUBLE_EQ(MaxSumOf({}), 1);
}

TEST(KinshipSums, AContaminatedSampleIsAnOutlierAndAMotherOfManyIsNot) {
  Pairs pairs;
  for (int i = 0; i < 40; ++i) {
    const std::string other = "p" + std::to_string(i);
    pairs.Add("mixed", other, 0.05);
    pairs.Add("father" + std::to_string(i), other, 0.25, Relation::kParentChild);
  }
  for (int i = 0; i < 8; ++i) {
    pairs.Add("child" + std::to_string(i), "mother", 0.25, Relation::kParentChild);
  }
  pairs.Add("mother", "cryptic", 0.2);
  const Table people = PeopleWithSums(pairs.ToTable(), kFromData);
  EXPECT_EQ(OutlierOf(people, "mixed"), "yes");  // 40 times 0.05
  EXPECT_EQ(OutlierOf(people, "mother"), "no");
  EXPECT_EQ(CountOutliers(people), 1u);
  EXPECT_EQ(people.DoublesOf("MAX_SUM").front(), 1);
  EXPECT_EQ(CountOutliers(PeopleWithSums(pairs.ToTable(), 2.5)), 0u);
  EXPECT_EQ(CountOutliers(PeopleWithSums(pairs.ToTable(), 0.1)), 3u);  // mother and cryptic too
}

// Where few variants list many pairs by chance, everybody has a sum.
TEST(KinshipSums, ManyPairsByChanceRaiseTheLimit) {
  Pairs pairs;
  for (int i = 0; i < 40; ++i) {
    for (int j = i + 1; j < 40; ++j) {
      pairs.Add("p" + std::to_string(i), "p" + std::to_string(j), 0.05);
    }
  }
  const Table people = PeopleWithSums(pairs.ToTable(), kFromData);
  EXPECT_NEAR(people.DoublesOf("MAX_SUM").front(), 39 * 0.05, 1e-9);
  EXPECT_NEAR(people.DoublesOf("SUM_UNDECLARED").front(), 39 * 0.05, 1e-9);
}

}  // namespace
}  // namespace kinflow::kinship
