#include "stages/report/disclosure.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/number.h"
#include "pipeline/base/philox.h"

namespace kinflow {
namespace {

constexpr int64_t kSmall = 5;

Table Ledger(const Table::Ints& out, const Table::Ints& children) {
  Table table;
  Table::Strings step(out.size(), "samples");
  Table::Ints in(out.size(), out.front());
  for (size_t r = 1; r < out.size(); ++r) in[r] = out[r - 1];
  table.Add("STEP", step);
  table.Add("SAMPLES_IN", in);
  table.Add("SAMPLES_OUT", out);
  table.Add("CHILDREN", children);
  return table;
}

TEST(SuppressLedger, ASmallLossDoesNotFollowFromTheNextRow) {
  const Table shared = SuppressLedger(Ledger({550, 548, 548, 540}, {200, 198, 198, 190}), kSmall);
  EXPECT_EQ(shared.StringsOf("SAMPLES_OUT"), (Table::Strings{"550", "NA", "NA", "540"}));
  EXPECT_EQ(shared.StringsOf("SAMPLES_IN"), (Table::Strings{"550", "550", "NA", "NA"}));
  EXPECT_EQ(shared.StringsOf("CHILDREN"), (Table::Strings{"200", "NA", "NA", "190"}));
}

TEST(FewRemoved, OfAnyKindOfPeopleAtAnyStep) {
  EXPECT_FALSE(FewRemoved(Ledger({200, 190, 190, 100}, {60, 50, 50, 20}), kSmall));
  EXPECT_TRUE(FewRemoved(Ledger({200, 198, 100}, {60, 60, 20}), kSmall));
  EXPECT_TRUE(FewRemoved(Ledger({200, 190, 100}, {60, 57, 20}), kSmall));  // three children
}

TEST(SuppressLedger, LargeLossesAreShown) {
  const Table shared = SuppressLedger(Ledger({550, 550, 500, 4}, {200, 200, 180, 4}), kSmall);
  EXPECT_EQ(shared.StringsOf("SAMPLES_OUT"), (Table::Strings{"550", "550", "500", "<5"}));
  EXPECT_EQ(shared.StringsOf("SAMPLES_IN"), (Table::Strings{"550", "550", "550", "500"}));
}

TEST(SuppressLedger, FewGenotypesSetAreNotCounted) {
  Table ledger = Ledger({550, 550, 550}, {200, 200, 200});
  ledger.Add("GENOTYPES_SET", Table::Ints{Table::kMissingInt, 4, 5});
  EXPECT_EQ(SuppressLedger(ledger, kSmall).StringsOf("GENOTYPES_SET"),
            (Table::Strings{"NA", "<5", "5"}));
}

// 60 children of whom 59 have both parents: who the single one is must not follow.
TEST(SuppressLedger, APartOfASumDoesNotFollowFromTheOthers) {
  Table ledger = Ledger({200}, {60});
  ledger.Add("MOTHERS", Table::Ints{70});
  ledger.Add("FATHERS", Table::Ints{64});
  ledger.Add("TRIOS", Table::Ints{59});
  ledger.Add("DUOS", Table::Ints{1});
  ledger.Add("SINGLETONS", Table::Ints{6});
  const Table shared = SuppressLedger(ledger, kSmall);
  EXPECT_EQ(shared.StringsOf("DUOS").front(), "<5");
  EXPECT_EQ(shared.StringsOf("TRIOS").front(), "59");
  EXPECT_EQ(shared.StringsOf("CHILDREN").front(), "NA");
  // SAMPLES_OUT less the others would give the children back.
  EXPECT_EQ(shared.StringsOf("SINGLETONS").front(), "NA");
  EXPECT_EQ(shared.StringsOf("MOTHERS").front(), "70");
}

// The rows before QC give way: its first row stands, and nothing near it is shown.
TEST(SuppressLedger, StepsBeforeAreHeldAgainstTheRowBehindThem) {
  const Table qc = Ledger({547, 540}, {190, 180});
  const Table few = SuppressLedgerBefore(Ledger({550, 547}, {190, 190}), qc, kSmall);
  EXPECT_EQ(few.StringsOf("SAMPLES_OUT"), (Table::Strings{"NA", "547"}));
  EXPECT_EQ(few.StringsOf("CHILDREN"), (Table::Strings{"NA", "190"}));
  const Table many = SuppressLedgerBefore(Ledger({560, 547}, {200, 190}), qc, kSmall);
  EXPECT_EQ(many.StringsOf("SAMPLES_OUT"), (Table::Strings{"560", "547"}));
  // A step that does not count children leaves them as they were.
  const int64_t none = Table::kMissingInt;
  const Table unknown = SuppressLedgerBefore(Ledger({560, 547}, {none, none}), qc, kSmall);
  EXPECT_EQ(unknown.StringsOf("SAMPLES_OUT"), (Table::Strings{"560", "547"}));
  EXPECT_EQ(unknown.StringsOf("CHILDREN"), (Table::Strings{"NA", "NA"}));
}

// Whatever is shown, no two numbers of a column differ by 1 to 4.
TEST(SuppressLedger, NoSmallDifferenceIsLeft) {
  Philox random(1, 1);
  for (int repeat = 0; repeat < 500; ++repeat) {
    Table::Ints out = {1000}, children = {400};
    for (int r = 0; r < 8; ++r) {
      const auto lost =
          static_cast<int64_t>(random.Below(4) == 0 ? random.Below(40) : random.Below(4));
      const auto of_children = static_cast<int64_t>(random.Below(static_cast<uint64_t>(lost) + 1));
      out.push_back(out.back() - lost);
      children.push_back(children.back() - of_children);
    }
    const Table shared = SuppressLedger(Ledger(out, children), kSmall);
    for (const auto& columns : {std::vector<std::string>{"SAMPLES_IN", "SAMPLES_OUT"},
                                std::vector<std::string>{"CHILDREN"}}) {
      std::vector<int64_t> seen;
      for (const std::string& name : columns) {
        for (const std::string& cell : shared.StringsOf(name)) {
          if (const auto n = ParseInt(cell)) seen.push_back(*n);
        }
      }
      for (const int64_t a : seen) {
        for (const int64_t b : seen) EXPECT_TRUE(a <= b || a - b >= kSmall) << a << " " << b;
      }
    }
  }
}

Table Rows(const Table::Ints& dropped) {
  Table::Strings quantity = {"n_input"}, reason = {"NA"}, model = {"m"};
  Table::Ints count = {200};
  int64_t used = 200;
  for (const int64_t n : dropped) {
    quantity.push_back("n_dropped");
    reason.push_back("reason " + std::to_string(count.size()));
    count.push_back(n);
    used -= n;
  }
  quantity.push_back("n_used");
  reason.push_back("NA");
  count.push_back(used);
  model.resize(count.size(), "m");
  Table table;
  table.Add("model_id", model);
  table.Add("quantity", quantity);
  table.Add("reason", reason);
  table.Add("count", count);
  return table;
}

TEST(SuppressSmallModels, OneSmallCountIsNotLeftAlone) {
  const auto counts = [](const Table::Ints& dropped) {
    return SuppressSmallModels(Rows(dropped), kSmall).StringsOf("count");
  };
  EXPECT_EQ(counts({12, 2, 30}), (Table::Strings{"200", "NA", "<5", "30", "156"}));
  EXPECT_EQ(counts({2, 3}), (Table::Strings{"200", "<5", "<5", "195"}));
  EXPECT_EQ(counts({2}), (Table::Strings{"NA", "<5", "198"}));
  EXPECT_EQ(counts({0, 30}), (Table::Strings{"200", "0", "30", "170"}));
  // Their sum would tell that both are 1, or both 4.
  EXPECT_EQ(counts({12, 30, 1, 1}), (Table::Strings{"200", "NA", "30", "<5", "<5", "156"}));
  EXPECT_EQ(counts({4, 4, 4}), (Table::Strings{"NA", "<5", "<5", "<5", "188"}));
  // Few that are left follow from all that were dropped.
  EXPECT_EQ(counts({197}), (Table::Strings{"200", "NA", "<5"}));
  EXPECT_EQ(counts({100, 97}), (Table::Strings{"200", "100", "NA", "<5"}));
}

TEST(SuppressSmallModels, RowsBeforeAreHiddenForAllModelsOfAnAnalysis) {
  Table table;
  table.Add("analysis_id", Table::Strings(5, "a"));
  table.Add("model_id", Table::Strings{"step0", "step0", "step0", "full", "full"});
  table.Add("quantity", Table::Strings{"n_input", "n_dropped", "n_used", "n_input", "n_patterns"});
  table.Add("reason", Table::Strings{"NA", "y missing", "NA", "NA", "NA"});
  table.Add("count", Table::Ints{200, 2, 198, 200, 4});
  // Patterns of missing values are no people.
  EXPECT_EQ(SuppressSmallModels(table, kSmall).StringsOf("count"),
            (Table::Strings{"NA", "<5", "198", "NA", "4"}));
}

TEST(SuppressScoreAdjustment, FewLostPeopleDoNotFollowFromTheirCounts) {
  Table table;
  table.Add("SCORE", Table::Strings{"a", "b", "c", "d"});
  table.Add("N", Table::Ints{97, 100, 4, 0});
  table.Add("N_DROPPED", Table::Ints{3, 0, 96, 0});
  table.Add("SCALE_N", Table::Ints{97, 40, 4, Table::kMissingInt});
  const Table shared = SuppressScoreAdjustment(table, 5);
  EXPECT_EQ(shared.StringsOf("SCORE"), (Table::Strings{"a", "b", "d"}));
  EXPECT_EQ(shared.StringsOf("N"), (Table::Strings{"NA", "100", "0"}));
  EXPECT_EQ(shared.StringsOf("N_DROPPED"), (Table::Strings{"<5", "0", "0"}));
  EXPECT_EQ(shared.StringsOf("SCALE_N"), (Table::Strings{"NA", "40", "NA"}));
  EXPECT_EQ(SuppressScoreAdjustment(table, 0).StringsOf("N_DROPPED")[0], "3");
}

}  // namespace
}  // namespace kinflow
