#include "stages/plates/shared_plates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace kinflow::plates {
namespace {

constexpr int64_t kNone = Table::kMissingInt;

/// Levels of one factor with people at the edge, inside and in no known well; "all" is their sum.
Table Plates(const std::vector<std::vector<int64_t>>& levels) {
  Table::Strings factor(levels.size() + 1, "plate"), level = {"all"};
  Table::Ints n = {0}, edge = {0}, inner = {0};
  for (size_t k = 0; k < levels.size(); ++k) {
    level.push_back("P" + std::to_string(k + 1));
    edge.push_back(levels[k][0]);
    inner.push_back(levels[k][1]);
    n.push_back(levels[k][0] + levels[k][1] + levels[k][2]);
    edge[0] += edge.back();
    inner[0] += inner.back();
    n[0] += n.back();
  }
  const Table::Doubles rate(levels.size() + 1, 0.9);
  Table table;
  table.Add("FACTOR", factor);
  table.Add("LEVEL", level);
  table.Add("N", n);
  table.Add("CALL_RATE", rate);
  table.Add("N_EDGE", edge);
  table.Add("CALL_RATE_EDGE", rate);
  table.Add("N_INNER", inner);
  table.Add("CALL_RATE_INNER", rate);
  table.Add("EDGE_P", rate);
  table.Add("SMALLEST_PART", Table::Ints(levels.size() + 1, kNone));
  return table;
}

Table WithBatches(const std::vector<std::vector<int64_t>>& plates,
                  const std::vector<std::vector<int64_t>>& batches) {
  const Table first = Plates(plates);
  const Table more = Plates(batches);
  Table both;
  for (size_t c = 0; c < more.columns(); ++c) {
    Table::Column column = first.column(c);
    std::visit(
        [&](auto& rows) {
          const auto& added = std::get<std::decay_t<decltype(rows)>>(more.column(c));
          rows.insert(rows.end(), added.begin(), added.end());
        },
        column);
    if (more.name(c) == "FACTOR") {
      auto& factor = std::get<Table::Strings>(column);
      std::fill(factor.begin() + static_cast<std::ptrdiff_t>(first.rows()), factor.end(), "batch");
    }
    both.Add(more.name(c), std::move(column));
  }
  return both;
}

TEST(SharedPlates, ShowsWhatIsLarge) {
  const Table shared = SharedPlates(Plates({{36, 60, 0}, {5, 5, 5}, {0, 0, 0}}), 5);
  EXPECT_EQ(shared.StringsOf("LEVEL"), (Table::Strings{"all", "P1", "P2", "P3"}));
  EXPECT_EQ(shared.IntsOf("N_EDGE"), (Table::Ints{41, 36, 5, 0}));
  EXPECT_EQ(shared.DoublesOf("EDGE_P"), (Table::Doubles(4, 0.9)));
}

TEST(SharedPlates, AHiddenPlateDoesNotFollowFromTheOthers) {
  // P2 is small; of the others P4 is the smallest that has people.
  const Table shared = SharedPlates(Plates({{36, 60, 0}, {4, 0, 0}, {30, 40, 0}, {8, 9, 0}}), 5);
  EXPECT_EQ(shared.StringsOf("LEVEL"), (Table::Strings{"all", "P1", "P3"}));
  // At the edges of P2 and P4 are 12, inside 9 people.
  EXPECT_EQ(shared.IntsOf("N_EDGE"), (Table::Ints{78, 36, 30}));
  // Inside are 3 together: P3 is hidden as well.
  const Table fewer = SharedPlates(Plates({{36, 60, 0}, {4, 0, 0}, {30, 40, 0}, {9, 3, 0}}), 5);
  EXPECT_EQ(fewer.StringsOf("LEVEL"), (Table::Strings{"all", "P1", "P3"}));
  EXPECT_EQ(fewer.IntsOf("N_EDGE"), (Table::Ints{79, 36, kNone}));
}

TEST(SharedPlates, EdgesByTheNumberThatCountsAsSmall) {
  const std::vector<std::vector<int64_t>> levels = {{36, 60, 0}, {12, 8, 0}, {30, 40, 0}};
  EXPECT_EQ(SharedPlates(Plates(levels), 5).IntsOf("N_EDGE"), (Table::Ints{78, 36, 12, 30}));
  // Inside P2 are fewer than 10; its edges are those of all less the others.
  const Table ten = SharedPlates(Plates(levels), 10);
  EXPECT_EQ(ten.IntsOf("N"), (Table::Ints{186, 96, 20, 70}));
  EXPECT_EQ(ten.IntsOf("N_EDGE"), (Table::Ints{78, 36, kNone, kNone}));
  EXPECT_EQ(ten.IntsOf("N_INNER"), (Table::Ints{108, 60, kNone, kNone}));
  EXPECT_TRUE(std::isnan(ten.DoublesOf("CALL_RATE_INNER")[2]));
  EXPECT_TRUE(std::isnan(ten.DoublesOf("EDGE_P")[3]));
  EXPECT_EQ(ten.DoublesOf("CALL_RATE")[2], 0.9);
}

TEST(SharedPlates, ABatchDoesNotTellAHiddenPlate) {
  // P2 and P3 make up the second batch.
  const Table shown =
      SharedPlates(WithBatches({{36, 60, 0}, {30, 40, 0}}, {{36, 60, 0}, {30, 40, 0}}), 5);
  EXPECT_EQ(shown.StringsOf("LEVEL"), (Table::Strings{"all", "P1", "P2", "all", "P1", "P2"}));
  const Table hidden = SharedPlates(
      WithBatches({{36, 60, 0}, {30, 40, 0}, {4, 0, 0}}, {{36, 60, 0}, {34, 40, 0}}), 5);
  EXPECT_EQ(hidden.StringsOf("LEVEL"), (Table::Strings{"all", "P1", "all"}));
  const Table edges = SharedPlates(
      WithBatches({{36, 60, 0}, {30, 40, 0}, {20, 3, 0}}, {{36, 60, 0}, {50, 43, 0}}), 5);
  EXPECT_EQ(edges.IntsOf("N_EDGE"), (Table::Ints{86, 36, kNone, kNone, 86, kNone, kNone}));
}

TEST(SharedPlates, OnePlateAloneTellsNoMoreThanAll) {
  const Table shared = SharedPlates(Plates({{20, 3, 0}}), 5);
  EXPECT_EQ(shared.IntsOf("N_EDGE"), (Table::Ints{kNone, kNone}));
  EXPECT_EQ(SharedPlates(Plates({{2, 1, 0}}), 5).rows(), 0u);
}

/// The rows of batches that are shown if the second plate has `part` people in one of two batches.
Table BatchesShown(int64_t part) {
  const Table both = WithBatches({{36, 60, 0}, {36, 60, 0}}, {{50, 80, 0}, {22, 40, 0}});
  Table parted;
  for (size_t c = 0; c < both.columns(); ++c) {
    Table::Column column = both.column(c);
    if (both.name(c) == "SMALLEST_PART") std::get<Table::Ints>(column)[2] = part;
    parted.Add(both.name(c), std::move(column));
  }
  return SharedPlates(parted, 5);
}

TEST(SharedPlates, PartsOfAPlateInTwoBatchesDoNotFollow) {
  EXPECT_EQ(BatchesShown(kNone).rows(), 6u);
  EXPECT_EQ(BatchesShown(kNone).IntsOf("N_EDGE")[4], 50);
  EXPECT_EQ(BatchesShown(4).StringsOf("LEVEL"), (Table::Strings{"all", "P1", "P2", "all"}));
  const Table large = BatchesShown(34);
  EXPECT_EQ(large.rows(), 6u);
  EXPECT_EQ(large.IntsOf("N_EDGE")[4], kNone);  // how many of the 34 lie at the edge
  for (size_t c = 0; c < large.columns(); ++c) EXPECT_NE(large.name(c), "SMALLEST_PART");
}

}  // namespace
}  // namespace kinflow::plates
