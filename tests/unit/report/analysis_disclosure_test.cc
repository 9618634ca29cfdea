#include "stages/report/analysis_disclosure.h"

#include <gtest/gtest.h>

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
  const AnalysisDisclosure disclosure({}, groups, kSmall);
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
  EXPECT_EQ(AnalysisDisclosure({}, groups, kSmall).Shared("groups", groups).rows(), 2u);
}

TEST(AnalysisDisclosure, FewCasesOrNonCasesHideTheModel) {
  for (const int64_t cases : {2, 98}) {
    const Table rows = Rows(100, cases);
    const AnalysisDisclosure disclosure(rows, {}, kSmall);
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
  EXPECT_EQ(AnalysisDisclosure(rows, {}, kSmall).Shared("rows", rows).rows(), 3u);
}

}  // namespace
}  // namespace kinflow
