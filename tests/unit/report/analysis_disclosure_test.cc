#include "stages/report/analysis_disclosure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "stages/report/hidden_values.h"

namespace kinflow {
namespace {

constexpr int64_t kSmall = 5;

void AddKeys(Table& table, size_t rows, const std::string& outcome = "y") {
  table.Add("analysis_id", Table::Strings(rows, "a"));
  table.Add("model_id", Table::Strings(rows, "full"));
  table.Add("outcome", Table::Strings(rows, outcome));
  table.Add("pgs", Table::Strings(rows, "NA"));
}

Table Groups(const Table::Strings& levels, const Table::Ints& n) {
  Table table;
  AddKeys(table, n.size());
  table.Add("group", levels);
  table.Add("n", n);
  table.Add("n_level", Table::Ints(n.size(), Table::kMissingInt));
  return table;
}

Table Rows(int64_t used, int64_t cases) {
  Table table;
  AddKeys(table, 3);
  table.Add("quantity", Table::Strings{"n_input", "n_used", "n_cases"});
  table.Add("reason", Table::Strings(3, "NA"));
  table.Add("count", Table::Ints{used, used, cases});
  return table;
}

Table OfWaves(const Table::Strings& waves) {
  Table table;
  AddKeys(table, waves.size());
  table.Add("wave", waves);
  return table;
}

TEST(AnalysisDisclosure, ManyRowsOfFewPeopleAreHidden) {
  Table rows = OfWaves({"1", "2"});
  rows.Add("quantity", Table::Strings(2, "n_people"));
  rows.Add("reason", Table::Strings(2, "NA"));
  rows.Add("count", Table::Ints{3, 30});
  const AnalysisDisclosure disclosure(rows, {}, {}, {}, kSmall);
  EXPECT_EQ(disclosure.Shared("models", OfWaves({"1", "2", "all"})).StringsOf("wave"),
            Table::Strings{"2"})
      << "all waves less the second are the first";
  EXPECT_EQ(disclosure.Shared("rows", rows).StringsOf("count"), (Table::Strings{"<5", "30"}));
}

TEST(HidesValues, CountsThatAreSuppressedAndNothingElse) {
  Table rows = Rows(40, 20);
  const AnalysisDisclosure nothing(rows, {}, {}, {}, kSmall);
  EXPECT_FALSE(HidesValues(rows, nothing.Shared("rows", rows))) << "numbers written as texts";
  Table few = OfWaves({"1", "2"});
  few.Add("quantity", Table::Strings(2, "n_people"));
  few.Add("reason", Table::Strings(2, "NA"));
  few.Add("count", Table::Ints{3, 30});
  EXPECT_TRUE(HidesValues(few, AnalysisDisclosure(few, {}, {}, {}, kSmall).Shared("rows", few)));
  Table full, shared;
  full.Add("x", Table::Doubles{1, std::nan("")});
  full.Add("left_out", Table::Ints{1, 2});
  full.Add("text", Table::Strings{"<5", "NA"});
  shared.Add("x", Table::Doubles{2, std::nan("")});  // other digits
  shared.Add("text", Table::Strings{"<5", "NA"});
  EXPECT_FALSE(HidesValues(full, shared));
  Table missing;
  missing.Add("x", Table::Doubles(2, std::nan("")));
  EXPECT_TRUE(HidesValues(full, missing));
}

TEST(AnalysisDisclosure, AHiddenLevelDoesNotFollowFromTheOthers) {
  const Table groups = Groups({"a", "b", "c", "d"}, {40, 3, 9, 30});
  const AnalysisDisclosure disclosure({}, groups, {}, {}, kSmall);
  // n_used - 40 - 30 is the sum of two levels.
  EXPECT_EQ(disclosure.Shared("groups", groups).StringsOf("group"), (Table::Strings{"a", "d"}));
  Table contrasts;
  AddKeys(contrasts, 6);
  contrasts.Add("contrast", Table::Strings{"b - a", "c - a", "d - a", "c - b", "d - b", "d - c"});
  contrasts.Add("n", Table::Ints{43, 49, 70, 12, 33, 39});
  EXPECT_EQ(disclosure.Shared("contrasts", contrasts).StringsOf("contrast"),
            (Table::Strings{"d - a"}));
}

Table Comparisons(const Table::Strings& tests, const Table::Ints& n_level) {
  Table table;
  table.Add("analysis_id", Table::Strings(tests.size(), "a"));
  table.Add("outcome", Table::Strings(tests.size(), "y"));
  table.Add("full", Table::Strings(tests.size(), "full"));
  table.Add("test", tests);
  table.Add("n", Table::Ints(tests.size(), 60));
  table.Add("n_level", n_level);
  return table;
}

TEST(AnalysisDisclosure, ThoseWhomQcRemovedDoNotFollowFromWhoIsStandardised) {
  Table scaling;
  scaling.Add("analysis_id", Table::Strings(2, "a"));
  scaling.Add("pgs", Table::Strings(2, "s"));
  scaling.Add("sd", Table::Doubles{1.25, 1.5});
  scaling.Add("n", Table::Ints{818, 820});
  const Table shared = AnalysisDisclosure({}, {}, {}, {}, kSmall).Shared("scaling", scaling);
  EXPECT_EQ(shared.IntsOf("n_about"), (Table::Ints{820, 820}));
  EXPECT_LT(shared.Find("n"), 0) << "it is not the number";
  EXPECT_EQ(shared.DoublesOf("sd"), (Table::Doubles{1.25, 1.5}));
}

TEST(AnalysisDisclosure, TestsOfCountsTellAHiddenLevel) {
  Table groups;
  AddKeys(groups, 2);
  groups.Add("group", Table::Strings{"a", "b"});
  groups.Add("n", Table::Ints{30, 30});
  groups.Add("n_level", Table::Ints{2, 9});
  const Table tests = Comparisons({"F", "Pearson", "G2", "Fisher", "McNemar", "McNemar-exact",
                                   "F-ANOVA", "F-ANOVA-GG", "F-Satterthwaite"},
                                  Table::Ints(9, Table::kMissingInt));
  EXPECT_EQ(
      AnalysisDisclosure({}, groups, {}, {}, kSmall).Shared("comparisons", tests).StringsOf("test"),
      (Table::Strings{"F", "F-Satterthwaite"}));
  const Table large = Groups({"a", "b"}, {30, 30});
  EXPECT_EQ(AnalysisDisclosure({}, large, {}, {}, kSmall).Shared("comparisons", tests).rows(), 9u);
}

TEST(AnalysisDisclosure, FewWhoChangedAreHidden) {
  const Table tests = Comparisons({"McNemar", "McNemar-exact", "McNemar"}, {3, 3, 5});
  EXPECT_EQ(AnalysisDisclosure({}, {}, {}, {}, kSmall).Shared("comparisons", tests).rows(), 1u);
}

TEST(AnalysisDisclosure, TheSecondHiddenLevelIsAnotherThanTheFirstAtAnotherWave) {
  Table groups = Groups({"a", "b", "c", "a", "b", "c"}, {40, 4, 30, 40, 6, 30});
  groups.Add("wave", Table::Strings{"1", "1", "1", "2", "2", "2"});
  const Table shared = AnalysisDisclosure({}, groups, {}, {}, kSmall).Shared("groups", groups);
  EXPECT_EQ(shared.StringsOf("group"), (Table::Strings{"a", "a"}));
}

TEST(AnalysisDisclosure, LargeLevelsAreShown) {
  const Table groups = Groups({"a", "b"}, {40, 5});
  EXPECT_EQ(AnalysisDisclosure({}, groups, {}, {}, kSmall).Shared("groups", groups).rows(), 2u);
}

TEST(AnalysisDisclosure, FewCasesOrNonCasesHideTheModel) {
  for (const int64_t cases : {2, 98}) {
    const Table rows = Rows(100, cases);
    const AnalysisDisclosure disclosure(rows, {}, {}, {}, kSmall);
    Table estimates;
    AddKeys(estimates, 2);
    estimates.Add("n", Table::Ints{100, 100});
    EXPECT_EQ(disclosure.Shared("estimates", estimates).rows(), 0u);
    Table comparisons;
    comparisons.Add("analysis_id", Table::Strings{"a", "a"});
    comparisons.Add("outcome", Table::Strings{"y", "z"});
    comparisons.Add("pgs", Table::Strings{"NA", "NA"});
    comparisons.Add("full", Table::Strings{"full", "full"});
    EXPECT_EQ(disclosure.Shared("comparisons", comparisons).StringsOf("outcome"),
              (Table::Strings{"z"}));
    EXPECT_EQ(disclosure.Shared("rows", rows).StringsOf("quantity"),
              (Table::Strings{"n_input", "n_used"}));
  }
  const Table rows = Rows(100, 50);
  EXPECT_EQ(AnalysisDisclosure(rows, {}, {}, {}, kSmall).Shared("rows", rows).rows(), 3u);
}

TEST(AnalysisDisclosure, ALevelDoesNotFollowFromThePeopleOfOthers) {
  Table estimates;
  AddKeys(estimates, 4);
  estimates.Add("term", Table::Strings{"(Intercept)", "gb", "gc", "x"});
  estimates.Add("n", Table::Ints(4, 570));
  estimates.Add("n_level", Table::Ints{352, 215, 3, Table::kMissingInt});
  const AnalysisDisclosure disclosure({}, {}, {}, estimates, kSmall);
  const Table shared = disclosure.Shared("estimates", estimates);
  EXPECT_EQ(shared.StringsOf("term"), (Table::Strings{"(Intercept)", "gb", "x"}));
  EXPECT_EQ(shared.IntsOf("n_level"), Table::Ints(3, Table::kMissingInt));
  Table contrasts;
  AddKeys(contrasts, 1);
  contrasts.Add("contrast", Table::Strings{"gb"});
  contrasts.Add("n", Table::Ints{570});
  contrasts.Add("n_level", Table::Ints{215});
  EXPECT_EQ(disclosure.Shared("contrasts", contrasts).IntsOf("n_level"),
            Table::Ints{Table::kMissingInt});
  EXPECT_EQ(
      AnalysisDisclosure({}, {}, {}, {}, kSmall).Shared("contrasts", contrasts).IntsOf("n_level"),
      Table::Ints{215});
}

TEST(AnalysisDisclosure, PeopleOfALevelDoNotTellThatFewAreOfOthers) {
  Table estimates;
  AddKeys(estimates, 3);
  estimates.Add("n", Table::Ints(3, 570));
  estimates.Add("n_level", Table::Ints{569, 566, 565});
  const Table shared =
      AnalysisDisclosure({}, {}, {}, estimates, kSmall).Shared("estimates", estimates);
  EXPECT_EQ(shared.IntsOf("n_level"), (Table::Ints{Table::kMissingInt, Table::kMissingInt, 565}));
}

Table RowsOfSteps(const Table::Strings& models, const Table::Ints& used) {
  Table rows;
  rows.Add("analysis_id", Table::Strings(used.size(), "a"));
  rows.Add("model_id", models);
  rows.Add("outcome", Table::Strings(used.size(), "y"));
  rows.Add("pgs", Table::Strings(used.size(), "NA"));
  rows.Add("quantity", Table::Strings(used.size(), "n_used"));
  rows.Add("reason", Table::Strings(used.size(), "NA"));
  rows.Add("count", used);
  return rows;
}

TEST(AnalysisDisclosure, StepsThatDifferByFewPeopleAreNotBothShown) {
  const Table rows = RowsOfSteps({"step0", "step1", "step2", "full"}, {600, 598, 590, 590});
  const AnalysisDisclosure disclosure(rows, {}, {}, {}, kSmall);
  EXPECT_EQ(disclosure.Shared("rows", rows).StringsOf("model_id"),
            (Table::Strings{"step1", "step2", "full"}));
  const Table many = RowsOfSteps({"step0", "full"}, {600, 595});
  EXPECT_EQ(AnalysisDisclosure(many, {}, {}, {}, kSmall).Shared("rows", many).rows(), 2u);
}

const std::vector<const char*> kLocal{"local_i", "expected",    "variance", "z",
                                      "p_value", "neg_log10_p", "p_bh"};

/// Areas 0, 1, 2, ... of these numbers of people, each with the next one as its neighbour.
Table Areas(const Table::Ints& n) {
  Table table;
  AddKeys(table, n.size());
  Table::Strings names;
  Table::Ints neighbour;
  Table::Doubles means;
  for (size_t i = 0; i < n.size(); ++i) {
    names.push_back(std::to_string(i));
    neighbour.push_back(i + 1 < n.size() ? n[i + 1] : Table::kMissingInt);
    means.push_back(static_cast<double>(i));
  }
  table.Add("area", names);
  table.Add("quantity", Table::Strings(n.size(), "area mean"));
  table.Add("n", n);
  table.Add("n_neighbour", neighbour);
  table.Add("value", means);
  for (const char* name : kLocal) table.Add(name, Table::Doubles(n.size(), 0.5));
  return table;
}

TEST(AnalysisDisclosure, SmallAreasAndWhatTellsThem) {
  const Table areas = Areas({40, 3, 9, 30, 8, 8, 8, 8, 8, 8, 8, 8, 25, 50, 60});
  const Table shared = AnalysisDisclosure({}, {}, areas, {}, kSmall).Shared("areas", areas);
  // Ten are left out, so that no sum over all areas tells the mean of area 1.
  EXPECT_EQ(shared.StringsOf("area"), (Table::Strings{"0", "3", "12", "13", "14"}));
  EXPECT_EQ(shared.DoublesOf("value"), (Table::Doubles{0, 3, 12, 13, 14}));
  EXPECT_EQ(shared.Find("n_neighbour"), -1);
  for (const char* name : kLocal) {
    EXPECT_TRUE(std::isnan(shared.DoublesOf(name)[0])) << name << ": tells the mean of 1";
    EXPECT_TRUE(std::isnan(shared.DoublesOf(name)[1])) << name << ": tells the mean of 4";
    EXPECT_EQ(shared.DoublesOf(name)[2], 0.5) << name;
  }
  const Table large = Areas({40, 5, 9, 30, 8, 8, 8, 8, 8, 8, 8, 8, 25, 50, 60});
  EXPECT_EQ(AnalysisDisclosure({}, {}, large, {}, kSmall).Shared("areas", large).rows(), 15u);
}

TEST(AnalysisDisclosure, ManySmallAreasAreNotTheOnlyOnesLeftOut) {
  Table::Ints n(12, 1);
  n.insert(n.end(), {20, 30});
  const Table areas = Areas(n);
  const Table shared = AnalysisDisclosure({}, {}, areas, {}, kSmall).Shared("areas", areas);
  // Twelve people in twelve areas would be one in each.
  EXPECT_EQ(shared.StringsOf("area"), (Table::Strings{"13"}));
}

}  // namespace
}  // namespace kinflow
