#include "stages/report/table_one_disclosure.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <random>

namespace kinflow {
namespace {

using Eigen::Index;
constexpr int64_t kSmall = 5;
using Counts = std::vector<std::vector<int64_t>>;  // of levels (the last: missing), by stratum

std::string StratumName(size_t s) { return "s" + std::to_string(s); }
std::string LevelName(size_t l) { return "l" + std::to_string(l); }

/// The full table of one factor, each row another person.
Table FactorTable(const Counts& counts, const std::string& sample = "used") {
  const size_t strata = counts.front().size(), levels = counts.size() - 1;
  Table::Strings stratum, level;
  Table::Ints n, missing, n_rows;
  Table::Doubles share;
  for (size_t s = 0; s <= strata; ++s) {  // the last: all
    const auto count = [&](size_t l) {
      if (s < strata) return counts[l][s];
      int64_t sum = 0;
      for (const int64_t c : counts[l]) sum += c;
      return sum;
    };
    int64_t with = 0;
    for (size_t l = 0; l < levels; ++l) with += count(l);
    for (size_t l = 0; l <= levels; ++l) {
      const bool summary = l == levels;
      stratum.push_back(s == strata ? "all" : StratumName(s));
      level.push_back(summary ? "NA" : LevelName(l));
      n.push_back(summary ? with : count(l));
      missing.push_back(summary ? count(levels) : Table::kMissingInt);
      share.push_back(summary ? NAN : static_cast<double>(count(l)) / static_cast<double>(with));
      n_rows.push_back(with + count(levels));
    }
  }
  const size_t rows = n.size();
  Table table;
  table.Add("analysis_id", Table::Strings(rows, "a"));
  table.Add("pgs", Table::Strings(rows, "NA"));
  table.Add("sample", Table::Strings(rows, sample));
  table.Add("variable", Table::Strings(rows, "x"));
  table.Add("level", level);
  table.Add("stratum", stratum);
  table.Add("n", n);
  table.Add("share", share);
  table.Add("missing", missing);
  for (const char* name : {"mean", "sd", "median", "q1", "q3"}) {
    table.Add(name, Table::Doubles(rows, NAN));
  }
  table.Add("people", n);
  table.Add("people_missing", missing);
  table.Add("n_rows", n_rows);
  table.Add("n_people", n_rows);
  return table;
}

/// What a reader of the shared table can solve for: the unknowns are the counts of the strata, each
/// number that is shown is an equation.
class Attack {
 public:
  Attack(const Table& shown, size_t levels, size_t strata)
      : levels_(levels), strata_(strata), equations_(Eigen::MatrixXd::Zero(1, Size())) {
    for (size_t r = 0; r < shown.rows(); ++r) {
      const std::string &level = shown.StringsOf("level")[r],
                        &stratum = shown.StringsOf("stratum")[r];
      const auto known = [&](const char* column) {
        return shown.IntsOf(column)[r] != Table::kMissingInt;
      };
      if (known("n_rows")) Know("", stratum);
      if (level != "NA" && known("n")) Know(level, stratum);
      if (level == "NA" && known("missing")) Know(LevelName(levels_ - 1), stratum);
      if (level == "NA" && known("n")) KnowValues(stratum);
    }
    const Eigen::FullPivLU<Eigen::MatrixXd> lu(equations_);
    kernel_ = lu.kernel();
  }
  /// Is the sum of these levels ("" = all) in a stratum determined?
  bool Solves(const std::string& level, const std::string& stratum) const {
    return (RowOf(level, stratum) * kernel_).cwiseAbs().maxCoeff() < 1e-9;
  }

 private:
  Index Size() const { return static_cast<Index>(levels_ * strata_); }
  Eigen::RowVectorXd RowOf(const std::string& level, const std::string& stratum) const {
    Eigen::RowVectorXd row = Eigen::RowVectorXd::Zero(Size());
    for (size_t l = 0; l < levels_; ++l) {
      for (size_t s = 0; s < strata_; ++s) {
        if (!level.empty() && level != LevelName(l)) continue;
        if (stratum != "all" && stratum != StratumName(s)) continue;
        row(static_cast<Index>(l * strata_ + s)) = 1;
      }
    }
    return row;
  }
  void Add(const Eigen::RowVectorXd& row) {
    equations_.conservativeResize(equations_.rows() + 1, Eigen::NoChange);
    equations_.row(equations_.rows() - 1) = row;
  }
  void Know(const std::string& level, const std::string& stratum) { Add(RowOf(level, stratum)); }
  void KnowValues(const std::string& stratum) {
    Add(RowOf("", stratum) - RowOf(LevelName(levels_ - 1), stratum));
  }

  size_t levels_, strata_;
  Eigen::MatrixXd equations_, kernel_;
};

TEST(TableOneDisclosure, SmallCountsDoNotFollowFromWhatIsShown) {
  std::mt19937 random(7);
  size_t shown_cells = 0, small_cells = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const size_t levels = 2 + random() % 5, strata = 1 + random() % 5;
    Counts counts(levels, std::vector<int64_t>(strata));
    for (auto& level : counts) {
      for (auto& n : level)
        n = static_cast<int64_t>(random() % 3 == 0 ? random() % 8 : random() % 90);
    }
    const Table full = FactorTable(counts), shown = SuppressTableOne(full, {}, kSmall);
    const Attack attack(shown, levels, strata);
    for (size_t l = 0; l <= levels; ++l) {
      for (size_t s = 0; s <= strata; ++s) {
        int64_t sum = 0;
        for (size_t i = 0; i < levels; ++i) {
          for (size_t j = 0; j < strata; ++j) {
            if ((l == levels || l == i) && (s == strata || s == j)) sum += counts[i][j];
          }
        }
        const bool solved =
            attack.Solves(l == levels ? "" : LevelName(l), s == strata ? "all" : StratumName(s));
        if (sum > 0 && sum < kSmall) {
          ++small_cells;
          EXPECT_FALSE(solved) << "trial " << trial << " level " << l << " stratum " << s;
        } else {
          shown_cells += solved;
        }
      }
    }
  }
  EXPECT_GT(small_cells, 500U);   // the attack had something to find
  EXPECT_GT(shown_cells, 2000U);  // and not everything was hidden
}

TEST(TableOneDisclosure, LargeCountsAreShown) {
  const Table full = FactorTable({{30, 40}, {10, 0}, {6, 7}});
  const Table shown = SuppressTableOne(full, {}, kSmall);
  ASSERT_EQ(shown.rows(), full.rows());
  EXPECT_EQ(shown.IntsOf("n"), full.IntsOf("n"));
  EXPECT_EQ(shown.IntsOf("missing"), full.IntsOf("missing"));
}

TEST(TableOneDisclosure, FewMissingTakeTheSharesAlong) {
  const Table shown = SuppressTableOne(FactorTable({{30, 40}, {25, 20}, {3, 0}}), {}, kSmall);
  for (size_t r = 0; r < shown.rows(); ++r) {
    EXPECT_TRUE(std::isnan(shown.DoublesOf("share")[r]));
    EXPECT_EQ(shown.IntsOf("missing")[r], Table::kMissingInt);
    EXPECT_NE(shown.StringsOf("level")[r], "l1");  // 55 + 23 - n would be the missing ones
  }
}

TEST(TableOneDisclosure, HidesNumbersThatTheRowAccountHides) {
  const Counts counts{{30, 40}, {10, 9}, {6, 7}};
  for (const char* sample : {"all", "used"}) {
    const Table shown = SuppressTableOne(FactorTable(counts, sample), {{"a"}, {}}, kSmall);
    const bool hidden = std::string(sample) == "all";
    for (const char* name : {"n", "people", "n_rows", "n_people"}) {
      EXPECT_EQ(shown.IntsOf(name)[0] == Table::kMissingInt, hidden) << name;
    }
    EXPECT_FALSE(std::isnan(shown.DoublesOf("share")[0]));
  }
}

TEST(TableOneDisclosure, ChildrenWithoutAWaveDoNotFollow) {
  const Table full = FactorTable({{30, 40}, {10, 9}, {6, 7}}, "all");
  const Table shown = SuppressTableOne(full, {{}, {"a"}}, kSmall);
  ASSERT_EQ(shown.rows(), full.rows());
  for (size_t r = 0; r < shown.rows(); ++r) {
    const bool all = shown.StringsOf("stratum")[r] == "all";
    EXPECT_EQ(shown.IntsOf("people")[r] == Table::kMissingInt, all);
    EXPECT_EQ(shown.IntsOf("n_people")[r] == Table::kMissingInt, all);
    EXPECT_EQ(shown.IntsOf("n")[r], full.IntsOf("n")[r]);
    EXPECT_EQ(shown.IntsOf("n_rows")[r], full.IntsOf("n_rows")[r]);
  }
}

/// One variable of numbers in the strata; `people` of them, all with a value.
Table NumberTable(const Table::Ints& people) {
  Table::Strings strata{"all"};
  Table::Ints n{0};
  for (size_t s = 0; s < people.size(); ++s) {
    strata.push_back(StratumName(s));
    n.push_back(people[s]);
    n[0] += people[s];
  }
  const size_t rows = n.size();
  Table table;
  table.Add("analysis_id", Table::Strings(rows, "a"));
  table.Add("pgs", Table::Strings(rows, "NA"));
  table.Add("sample", Table::Strings(rows, "used"));
  table.Add("variable", Table::Strings(rows, "x"));
  table.Add("level", Table::Strings(rows, "NA"));
  table.Add("stratum", strata);
  table.Add("n", n);
  table.Add("share", Table::Doubles(rows, NAN));
  table.Add("missing", Table::Ints(rows, 0));
  for (const char* name : {"mean", "sd", "median", "q1", "q3"}) {
    table.Add(name, Table::Doubles(rows, 1.23456789));
  }
  table.Add("people", n);
  table.Add("people_missing", Table::Ints(rows, 0));
  table.Add("n_rows", n);
  table.Add("n_people", n);
  return table;
}

TEST(TableOneDisclosure, QuantilesNeedPeopleOnEachSide) {
  const Table shown = SuppressTableOne(NumberTable({5, 10, 20}), {}, kSmall);
  ASSERT_EQ(shown.rows(), 4U);
  EXPECT_EQ(shown.DoublesOf("mean"), Table::Doubles(4, 1.235));
  const auto& median = shown.DoublesOf("median");
  const auto& q1 = shown.DoublesOf("q1");
  EXPECT_TRUE(std::isnan(median[1]) && median[2] == 1.235);
  EXPECT_TRUE(std::isnan(q1[2]) && q1[3] == 1.235);
}

TEST(TableOneDisclosure, AStratumOfFewTakesAnotherAlong) {
  const Table shown = SuppressTableOne(NumberTable({4, 10, 20, 30}), {}, kSmall);
  EXPECT_EQ(shown.StringsOf("stratum"), (Table::Strings{"all", "s2", "s3"}));
  EXPECT_EQ(SuppressTableOne(NumberTable({1, 3}), {}, kSmall).rows(), 0U);
}

}  // namespace
}  // namespace kinflow
