#include "stages/report/mendel_disclosure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinflow {
namespace {

/// Children and errors of trios and of duos of one level.
struct Level {
  const char *factor, *level;
  int64_t trios, trio_errors, duos, duo_errors;
};

Table TableOf(const std::vector<Level>& levels) {
  Table::Strings factor, name, families;
  Table::Ints children, errors;
  const auto add = [&](const Level& level, const char* kind, int64_t n, int64_t n_errors) {
    if (n == 0) return;
    factor.emplace_back(level.factor);
    name.emplace_back(level.level);
    families.emplace_back(kind);
    children.push_back(n);
    errors.push_back(n_errors);
  };
  for (const Level& l : levels) {
    add(l, "all", l.trios + l.duos, l.trio_errors + l.duo_errors);
    add(l, "trios", l.trios, l.trio_errors);
    add(l, "duos", l.duos, l.duo_errors);
  }
  Table table;
  table.Add("FACTOR", factor);
  table.Add("LEVEL", name);
  table.Add("FAMILIES", families);
  table.Add("CHILDREN", children);
  table.Add("MENDEL_ERRORS", errors);
  table.Add("GENOTYPE_ERROR_RATE", Table::Doubles(children.size(), 0.00123456));
  return table;
}

/// Names shown, as "LEVEL FAMILIES".
std::vector<std::string> Shown(const std::vector<Level>& levels) {
  const Table shared = SuppressMendelErrors(TableOf(levels), false, 5);
  std::vector<std::string> rows;
  for (size_t r = 0; r < shared.rows(); ++r) {
    rows.push_back(shared.StringsOf("LEVEL")[r] + " " + shared.StringsOf("FAMILIES")[r]);
  }
  return rows;
}

using Names = std::vector<std::string>;

TEST(SuppressMendelErrors, ShowsWhatTellsOfManyChildren) {
  EXPECT_EQ(Shown({{"all", "all", 50, 20, 10, 5},
                   {"batch", "b1", 30, 12, 5, 5},
                   {"batch", "b2", 20, 8, 5, 0}}),
            (Names{"all all", "all trios", "all duos", "b1 all", "b1 trios", "b1 duos", "b2 all",
                   "b2 trios", "b2 duos"}));
}

TEST(SuppressMendelErrors, FewOfOneKindHideBothKinds) {
  EXPECT_EQ(Shown({{"all", "all", 50, 20, 3, 0}}), (Names{"all all"}));
  EXPECT_EQ(Shown({{"all", "all", 50, 20, 30, 2}}), (Names{"all all"}));
  // 53 children less the ledger's 50 trios would be three duos.
  const Table shared = SuppressMendelErrors(TableOf({{"all", "all", 50, 20, 3, 0}}), false, 5);
  EXPECT_EQ(shared.IntsOf("CHILDREN").front(), Table::kMissingInt);
  EXPECT_EQ(Shown({{"all", "all", 4, 20, 0, 0}}), Names{});
  EXPECT_EQ(Shown({{"all", "all", 40, 3, 0, 0}}), Names{});
}

// The hidden level would be what the sum of the others leaves.
TEST(SuppressMendelErrors, AHiddenLevelHidesTheNextSmallest) {
  EXPECT_EQ(Shown({{"all", "all", 64, 60, 0, 0},
                   {"batch", "b1", 40, 30, 0, 0},
                   {"batch", "b2", 3, 10, 0, 0},
                   {"batch", "b3", 21, 20, 0, 0}}),
            (Names{"all all", "all trios", "b1 all", "b1 trios"}));
  // Two hidden ones that are several together are told by nothing.
  EXPECT_EQ(Shown({{"all", "all", 48, 60, 0, 0},
                   {"batch", "b1", 40, 30, 0, 0},
                   {"batch", "b2", 4, 10, 0, 0},
                   {"batch", "b3", 4, 20, 0, 0}}),
            (Names{"all all", "all trios", "b1 all", "b1 trios"}));
}

TEST(SuppressMendelErrors, OneFactorIsShown) {
  EXPECT_EQ(Shown({{"all", "all", 50, 20, 0, 0},
                   {"batch", "b1", 50, 20, 0, 0},
                   {"plate", "p1", 30, 12, 0, 0},
                   {"plate", "p2", 20, 8, 0, 0}}),
            (Names{"all all", "all trios", "b1 all", "b1 trios"}));
}

// Whatever total within two of a multiple of five, the same is shown: 8 errors at one variant and
// few at another cannot be told from 8 and none.
TEST(SuppressMendelErrors, TotalsLeaveFewErrorsOpen) {
  const auto shown = [](int64_t errors) {
    Table table = TableOf({{"all", "all", 50, errors, 0, 0}});
    Table of;
    for (size_t c = 0; c < table.columns(); ++c) {
      const bool rate = table.name(c) == "GENOTYPE_ERROR_RATE";
      of.Add(table.name(c),
             rate ? Table::Column(Table::Doubles(table.rows(), 1e-4 * static_cast<double>(errors)))
                  : table.column(c));
    }
    const Table shared = SuppressMendelErrors(of, false, 5);
    return std::pair(shared.IntsOf("MENDEL_ERRORS"), shared.DoublesOf("GENOTYPE_ERROR_RATE"));
  };
  EXPECT_EQ(shown(8), shown(10));
  EXPECT_EQ(shown(12), shown(10));
  EXPECT_NE(shown(13), shown(10));
  EXPECT_EQ(shown(10).first, (Table::Ints{10, 10}));
}

TEST(SuppressMendelErrors, NoCountsWhereFewWereRemoved) {
  const Table shared = SuppressMendelErrors(TableOf({{"all", "all", 50, 20, 0, 0}}), true, 5);
  EXPECT_EQ(shared.IntsOf("CHILDREN"), (Table::Ints(2, Table::kMissingInt)));
  EXPECT_EQ(shared.IntsOf("MENDEL_ERRORS"), (Table::Ints(2, Table::kMissingInt)));
  EXPECT_NEAR(shared.DoublesOf("GENOTYPE_ERROR_RATE").front(), 0.0012, 1e-12);
}

}  // namespace
}  // namespace kinflow
