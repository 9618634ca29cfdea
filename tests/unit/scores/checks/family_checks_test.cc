#include "stages/scores/checks/family_checks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/family/simulated_trios.h"

namespace kinflow::test {
namespace {

using family::test::MakeCohort;

// Eight families, and what R's cor.test, lm and t.test say of them.
struct Eight {
  std::vector<double> mother = {0.31, -1.20, 0.55, 1.72, -0.44, 0.08, 2.10, -0.93};
  std::vector<double> father = {-0.62, 0.48, 1.31, -0.15, 0.77, -1.84, 0.36, 0.02};
  std::vector<double> child = {0.11, -0.75, 1.40, 0.92, 0.35, -1.21, 1.66, -0.20};
  std::vector<Person> people;
  std::vector<std::string> genotyped;
  std::vector<double> values;

  Eight() {
    for (size_t i = 0; i < mother.size(); ++i) {
      const std::string f = std::to_string(i);
      Add({f, "m" + f, "", "", Sex::kFemale, ""}, mother[i]);
      Add({f, "f" + f, "", "", Sex::kMale, ""}, father[i]);
      Add({f, "c" + f, "f" + f, "m" + f, Sex::kUnknown, "p1"}, child[i]);
    }
  }
  void Add(const Person& person, double value) {
    people.push_back(person);
    genotyped.push_back(person.iid);
    values.push_back(value);
  }
  std::vector<FamilyCheck> Check() const {
    return CheckFamilies(*MakeCohort(people, genotyped),
                         {{"s"}, [this](size_t) { return values; }});
  }
};

void ExpectAsR(const std::vector<FamilyCheck>& checks) {
  ASSERT_EQ(checks.size(), 3u);
  const Table table = FamilyChecksTable(checks);
  const std::vector<std::vector<double>> expected = {
      {-0.018314365063395, -0.0448683747841347, 0.965668243396571},
      {1.307123817224, (1.307123817224 - 1) / 0.121597874548312, 0.0449377869259081},
      {0.169562393928515, 1.12098548678899, 0.299272750963209}};
  for (size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(table.IntsOf("N")[r], 8);
    EXPECT_NEAR(table.DoublesOf("ESTIMATE")[r], expected[r][0], 1e-12);
    EXPECT_NEAR(table.DoublesOf("T")[r], expected[r][1], 1e-10);
    EXPECT_NEAR(table.DoublesOf("P")[r], expected[r][2], 1e-10);
    EXPECT_EQ(table.StringsOf("STATUS")[r], "ok");
  }
}

TEST(FamilyChecks, AsR) { ExpectAsR(Eight().Check()); }

TEST(FamilyChecks, TwinsAndIncompleteFamiliesDoNotCount) {
  Eight eight;
  eight.Add({"0", "twin", "f0", "m0", Sex::kUnknown, "p1"}, 3);       // of a pregnancy that counts
  eight.Add({"9", "alone", "nobody", "m9", Sex::kUnknown, "p1"}, 3);  // neither parent genotyped
  eight.people.push_back({"9", "m9", "", "", Sex::kFemale, ""});
  eight.Add({"8", "m8", "", "", Sex::kFemale, ""}, std::nan(""));  // removed by QC
  eight.Add({"8", "f8", "", "", Sex::kMale, ""}, 1);
  eight.Add({"8", "c8", "f8", "m8", Sex::kUnknown, ""}, 1);
  ExpectAsR(eight.Check());
}

TEST(FamilyChecks, ASiblingOfAnotherPregnancyCountsItsParentsOnceAsACouple) {
  Eight eight;
  eight.Add({"0", "sib", "f0", "m0", Sex::kUnknown, "p2"}, 0.2);
  const auto checks = eight.Check();
  EXPECT_EQ(checks[0].n, 8);
  EXPECT_EQ(checks[1].n, 9);
}

TEST(FamilyChecks, UnitAndPlaceOfTheScoreDoNotMatter) {
  Eight eight;
  for (double& v : eight.values) v = 12 + 0.003 * v;
  const auto checks = eight.Check();
  EXPECT_NEAR(checks[1].estimate, 1.307123817224, 1e-9);
  EXPECT_NEAR(checks[2].estimate, 0.169562393928515, 1e-9);
}

TEST(FamilyChecks, TooFewFamiliesOrNoVarianceAreNotNumbers) {
  Eight eight;
  for (size_t i = 6; i < eight.values.size(); ++i) eight.values[i] = std::nan("");
  for (const auto& check : eight.Check()) {
    EXPECT_EQ(check.n, 2);
    EXPECT_EQ(check.status, "NA");
    EXPECT_TRUE(std::isnan(check.estimate) && std::isnan(check.se));
  }
  Eight flat;
  for (double& v : flat.values) v = 0.1;
  for (const auto& check : flat.Check()) EXPECT_EQ(check.status, "NA");
  EXPECT_TRUE(FamilyCheckWarnings(flat.Check()).empty());
}

// Slope 1.557, t 4.58 with 6 df: p .0038 (R's pt).
TEST(FamilyChecks, AnUnlikelySlopeIsANoticeAmongFewScores) {
  Eight eight;
  for (size_t i = 0; i < eight.values.size(); i += 3) {
    eight.values[i + 2] += 0.25 * (eight.values[i] + eight.values[i + 1]) / 2;
  }
  const auto cohort = MakeCohort(eight.people, eight.genotyped);
  const auto read = [&](size_t) { return eight.values; };
  const auto two = CheckFamilies(*cohort, {{"a", "b"}, read});
  EXPECT_EQ(two[1].status, "notice");
  EXPECT_EQ(two[4].status, "notice");
  const auto warnings = FamilyCheckWarnings(two);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("perhaps by chance"), std::string::npos);
  const auto four = CheckFamilies(*cohort, {{"a", "b", "c", "d"}, read});
  EXPECT_EQ(four[1].status, "ok");  // p >= .01 / 4
  EXPECT_TRUE(FamilyCheckWarnings(four).empty());
}

// Children of simulated families follow their parents; exchanged children do not.
TEST(FamilyChecks, SwappedChildrenRaiseTheAlarm) {
  family::test::SimulatedTrios trios = family::test::MakeTrios(2500);
  const CheckedScores scores{trios.scores.names,
                             [&](size_t score) { return trios.scores.values[score]; }};
  const auto well = CheckFamilies(*trios.cohort, scores);
  ASSERT_EQ(well.size(), 6u);
  EXPECT_EQ(well[1].status, "ok");  // s1 is inherited
  EXPECT_NEAR(well[1].estimate, 1, 4 * well[1].se);
  EXPECT_LT(std::abs(well[2].estimate), 4 * well[2].se);
  EXPECT_EQ(well[4].status, "warning");  // s2 is noise: slope 0
  EXPECT_NEAR(well[4].estimate, 0, 4 * well[4].se);
  std::vector<uint32_t> children;
  for (const Trio& trio : trios.cohort->trios) {
    if (trio.child != SampleTable::kAbsent) children.push_back(trio.child);
  }
  auto& values = trios.scores.values[0];
  for (size_t i = 0; i + 5 < children.size(); i += 10) {  // a fifth of the children
    std::swap(values[children[i]], values[children[i + 5]]);
  }
  const auto swapped = CheckFamilies(*trios.cohort, scores);
  EXPECT_EQ(swapped[1].status, "warning");
  EXPECT_NEAR(swapped[1].estimate, 0.8, 0.06);
  const auto warnings = FamilyCheckWarnings(swapped);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[0].find("score s1"), std::string::npos);
}

TEST(FamilyChecks, GroupsOfScoresGiveTheSameBits) {
  const family::test::SimulatedTrios trios = family::test::MakeTrios(50);
  CheckedScores scores;
  constexpr size_t kScores = 7;
  std::vector<size_t> read;
  for (size_t s = 0; s < kScores; ++s) scores.names.push_back("s" + std::to_string(s));
  scores.read = [&](size_t score) {
    read.push_back(score);
    std::vector<double> values = trios.scores.values[score % 2];
    for (double& v : values) v *= 1 + static_cast<double>(score);
    return values;
  };
  const uint64_t column = sizeof(double) * trios.cohort->samples->size();
  const auto all = CheckFamilies(*trios.cohort, scores);
  ASSERT_EQ(all.size(), 3 * kScores);
  for (const uint64_t bytes : {uint64_t{0}, column, 3 * column, kScores * column}) {
    read.clear();
    const auto parts = CheckFamilies(*trios.cohort, scores, bytes);
    EXPECT_EQ(read, (std::vector<size_t>{0, 1, 2, 3, 4, 5, 6}));
    ASSERT_EQ(parts.size(), all.size());
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(parts[i].score, all[i].score);
      EXPECT_EQ(parts[i].check, all[i].check);
      EXPECT_EQ(parts[i].n, all[i].n);
      EXPECT_EQ(parts[i].estimate, all[i].estimate);
      EXPECT_EQ(parts[i].se, all[i].se);
    }
  }
}

}  // namespace
}  // namespace kinflow::test
