// What is told of single people adds up to the account of rows.

#include "stages/family/person_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "stages/family/analysis_run.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

AnalysisOptions Joint() {
  AnalysisOptions options;
  options.id = "joint";
  options.formula = "scl ~ half + pgs.mother + pgs.father + pgs.child";
  return options;
}

TEST(PersonRows, OfAllChildrenAddUpToTheAccountOfRows) {
  const SimulatedTrios s = MakeTrios(120);
  const AnalysisScores scores(s.scores);
  std::map<std::string, int64_t> told, expected;
  for (const Trio& trio : s.cohort->trios) {
    const std::string& child = s.cohort->pedigree.people()[trio.person].iid;
    for (const PersonRow& row : RowsOfPerson(Joint(), *s.cohort, s.persons, scores, child)) {
      ASSERT_EQ(row.role, "child");
      ASSERT_EQ(row.child, child);
      if (row.score == "s1") ++told[row.reason];
    }
  }
  const Table rows = RunAnalysis(Joint(), *s.cohort, s.persons, scores).tables.at("rows");
  for (size_t r = 0; r < rows.rows(); ++r) {
    if (rows.StringsOf("pgs")[r] != "s1") continue;
    const std::string& quantity = rows.StringsOf("quantity")[r];
    const int64_t count = rows.IntsOf("count")[r];  // the same for all models of the analysis
    if (quantity == "n_used") expected[""] = count;
    if (quantity == "n_dropped") expected[rows.StringsOf("reason")[r]] = count;
  }
  EXPECT_EQ(told, expected);
  EXPECT_GT(told.size(), 4u);
  EXPECT_GT(told[""], 20);
}

TEST(PersonRows, OfAParentAreThoseOfTheChildren) {
  const SimulatedTrios s = MakeTrios(40);
  const AnalysisScores scores(s.scores);
  const auto rows_of = [&](const std::string& iid) {
    return RowsOfPerson(Joint(), *s.cohort, s.persons, scores, iid);
  };
  for (const char* child : {"C1_0_0", "C1_1_0"}) {
    for (const PersonRow& own : rows_of(child)) {
      for (const char* role : {"mother", "father"}) {
        PersonRow as_parent = own;
        as_parent.role = role;
        const auto rows = rows_of(role == std::string("mother") ? "MF1" : "PF1");
        EXPECT_NE(std::find(rows.begin(), rows.end(), as_parent), rows.end()) << child << role;
      }
    }
  }
  EXPECT_TRUE(rows_of("nobody").empty());
}

}  // namespace
}  // namespace kinflow::family::test
