#include "stages/report/analysis_disclosure.h"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(AnalysisDisclosure, AHiddenLevelDoesNotFollowFromTheOthers) {
  const Table groups = Groups({"a", "b", "c", "d"}, {40, 3, 9, 30});
  const AnalysisDisclosure disclosure({}, groups, {}, kSmall);
  // n_used - 40 - 30 is the sum of two levels.
  EXPECT_EQ(disclosure.Shared("groups", groups).StringsOf("group"), (Table::Strings{"a", "d"}));
  Table contrasts;
  AddKeys(contrasts, 6);
  contrasts.Add("contrast", Table::Strings{"b - a", "c - a", "d - a", "c - b", "d - b", "d - c"});
  contrasts.Add("n", Table::Ints{43, 49, 70, 12, 33, 39});
  EXPECT_EQ(disclosure.Shared("contrasts", contrasts).StringsOf("contrast"),
            (Table::Strings{"d - a"}));
}

TEST(AnalysisDisclosure, LargeLevelsAreShown) {
  const Table groups = Groups({"a", "b"}, {40, 5});
  EXPECT_EQ(AnalysisDisclosure({}, groups, {}, kSmall).Shared("groups", groups).rows(), 2u);
}

TEST(AnalysisDisclosure, FewCasesOrNonCasesHideTheModel) {
  for (const int64_t cases : {2, 98}) {
    const Table rows = Rows(100, cases);
    const AnalysisDisclosure disclosure(rows, {}, {}, kSmall);
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
  EXPECT_EQ(AnalysisDisclosure(rows, {}, {}, kSmall).Shared("rows", rows).rows(), 3u);
}

Table Areas() {
  Table table;
  AddKeys(table, 5);
  table.Add("area", Table::Strings{"a", "b", "c", "d", "e"});
  table.Add("quantity", Table::Strings(5, "area mean"));
  table.Add("n", Table::Ints{40, 3, 9, 30, 25});
  table.Add("n_neighbour", Table::Ints{3, 9, 9, 25, Table::kMissingInt});
  table.Add("value", Table::Doubles{1, 2, 3, 4, 5});
  for (const char* name : {"local_i", "z", "p_value", "neg_log10_p", "p_bh"}) {
    table.Add(name, Table::Doubles(5, 0.5));
  }
  return table;
}

TEST(AnalysisDisclosure, SmallAreasAndWhatTellsThem) {
  const AnalysisDisclosure disclosure({}, {}, Areas(), kSmall);
  const Table shared = disclosure.Shared("areas", Areas());
  // c beside b: the account of rows less the others would tell b.
  EXPECT_EQ(shared.StringsOf("area"), (Table::Strings{"a", "d", "e"}));
  EXPECT_EQ(shared.DoublesOf("value"), (Table::Doubles{1, 4, 5}));
  EXPECT_EQ(shared.Find("n_neighbour"), -1);
  for (const char* name : {"local_i", "z", "p_value", "neg_log10_p", "p_bh"}) {
    EXPECT_TRUE(std::isnan(shared.DoublesOf(name)[0])) << name << ": tells the mean of b";
    EXPECT_EQ(shared.DoublesOf(name)[1], 0.5) << name;
  }
}

}  // namespace
}  // namespace kinflow
