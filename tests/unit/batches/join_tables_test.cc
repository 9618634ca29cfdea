#include "stages/batches/join_tables.h"

#include <gtest/gtest.h>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

BatchTotals Totals(uint64_t variants, uint64_t common) {
  BatchTotals totals;
  totals.variants = variants;
  totals.common = common;
  totals.left_out[static_cast<size_t>(LeftOut::kAbsentInOther)] = variants - common;
  return totals;
}

BatchFacts Facts(const std::string& name, PloidyCount males_on_x, PloidyCount others_on_x = {}) {
  BatchFacts facts;
  facts.name = name;
  facts.samples = 10;
  facts.ploidy.males_on_x = males_on_x;
  facts.ploidy.others_on_x = others_on_x;
  return facts;
}

Error ErrorOf(const Table& batches) {
  try {
    RequireJoinable(batches);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorId::kInternal, "none");
}

TEST(JoinTables, ColumnsAndReasons) {
  const Table table =
      MakeBatchesTable({Facts("a", {}), Facts("b", {50, 50})}, {Totals(100, 90), Totals(120, 90)});
  std::string header;
  for (size_t c = 0; c < table.columns(); ++c) header += table.name(c) + " ";
  EXPECT_EQ(header,
            "BATCH N_SAMPLES N_VARIANTS N_COMMON N_SWAPPED N_SWAPPED_PALINDROMIC N_DUPLICATE "
            "N_DUPLICATE_IN_OTHER N_OTHER_STRAND N_OTHER_ALLELES N_ABSENT_IN_OTHER N_AF_DIFFERS "
            "UNITS X_MALES Y MT ");
  EXPECT_EQ(table.IntsOf("N_ABSENT_IN_OTHER"), (Table::Ints{10, 30}));
  EXPECT_EQ(table.StringsOf("X_MALES"), (Table::Strings{"NA", "haploid"}));
  EXPECT_NO_THROW(RequireJoinable(table));
}

TEST(JoinTables, NothingInCommonSaysWhatEachBatchLost) {
  const Error error =
      ErrorOf(MakeBatchesTable({Facts("a", {}), Facts("b", {})}, {Totals(100, 0), Totals(120, 0)}));
  EXPECT_EQ(error.id(), ErrorId::kNoVariantsLeft);
  EXPECT_EQ(error.exit_code(), ExitCode::kInput);
  EXPECT_NE(error.message().find("b: 120 variants, mostly absent_in_other"), std::string::npos);
  EXPECT_NE(error.remedy().find("genome builds"), std::string::npos);
}

TEST(JoinTables, OneWayToWriteMalesOnX) {
  const std::vector<BatchTotals> totals = {Totals(100, 90), Totals(100, 90), Totals(100, 90)};
  const auto error_of = [&](std::vector<BatchFacts> facts) {
    return ErrorOf(MakeBatchesTable(facts, totals)).id();
  };
  const PloidyCount one{100, 98}, two{100, 0}, none{};
  EXPECT_EQ(error_of({Facts("a", one), Facts("b", one), Facts("c", none)}), ErrorId::kInternal);
  EXPECT_EQ(error_of({Facts("a", none), Facts("b", two), Facts("c", two)}), ErrorId::kInternal);
  EXPECT_EQ(error_of({Facts("a", none), Facts("b", two), Facts("c", one)}), ErrorId::kFieldsDiffer);
  // Of unknown sex, with some of one copy: the males among them.
  EXPECT_EQ(error_of({Facts("a", none, {200, 90}), Facts("b", two), Facts("c", two)}),
            ErrorId::kFieldsDiffer);
  EXPECT_EQ(error_of({Facts("a", none, {200, 0}), Facts("b", one), Facts("c", one)}),
            ErrorId::kInternal);
  const Error error =
      ErrorOf(MakeBatchesTable({Facts("a", one), Facts("b", two)}, {Totals(9, 9), Totals(9, 9)}));
  EXPECT_EQ(error.message(), "males on X are written haploid in batch a and diploid in batch b");
}

TEST(JoinTables, RemarksOnWhatLooksWrong) {
  auto totals = std::vector<BatchTotals>{Totals(100, 30), Totals(90, 30)};
  totals[1].frequency_differs = 7;
  totals[1].left_out[static_cast<size_t>(LeftOut::kOtherStrand)] = 4;
  const JoinRemarks remarks = RemarksOn(MakeBatchesTable({Facts("a", {}), Facts("b", {})}, totals));
  ASSERT_EQ(remarks.lines.size(), 2u);
  EXPECT_NE(remarks.lines[0].find("30 of 100 variants"), std::string::npos);
  ASSERT_EQ(remarks.warnings.size(), 3u);
  EXPECT_NE(remarks.warnings[0].find("at 7 variants"), std::string::npos);
  EXPECT_NE(remarks.warnings[1].find("4 variants would fit"), std::string::npos);
  EXPECT_NE(remarks.warnings[2].find("only 33.3 % of the variants of batch b"), std::string::npos);
  EXPECT_TRUE(RemarksOn(MakeBatchesTable({Facts("a", {}), Facts("b", {})},
                                         {Totals(100, 90), Totals(90, 90)}))
                  .warnings.empty());
}

TEST(JoinTables, SmallBatchesAreNotTold) {
  auto small = Facts("b", {});
  small.samples = 4;
  const Table table = MakeBatchesTable({Facts("a", {}), small}, {Totals(100, 90), Totals(120, 90)});
  EXPECT_EQ(SuppressBatches(table, 5).IntsOf("N_SAMPLES"),
            (Table::Ints{Table::kMissingInt, Table::kMissingInt}));
  EXPECT_EQ(SuppressBatches(table, 4).IntsOf("N_SAMPLES"), (Table::Ints{10, 4}));
  EXPECT_EQ(SuppressBatches(table, 5).columns(), table.columns());
}

}  // namespace
}  // namespace kinflow
