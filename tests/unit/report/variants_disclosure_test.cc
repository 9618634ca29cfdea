#include "stages/report/variants_disclosure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace kinflow {
namespace {

constexpr int64_t kSmall = 5;

TEST(SuppressVariants, NothingTellsTheFrequencyOfRareOnes) {
  Table variants;
  variants.Add("N", Table::Ints{1000, 1000});
  variants.Add("N_MISSING", Table::Ints{0, 0});
  for (const char* name : {"AF", "MAF", "HWE_P", "REASON_VALUE"}) {
    variants.Add(name, Table::Doubles{0.002, 0.3});
  }
  variants.Add("MENDEL_ERRORS", Table::Ints{1, 7});
  variants.Add("STATUS", Table::Strings(2, "pass"));
  const Table shared = SuppressVariants(variants, {1000, 600, false}, kSmall);
  for (const char* name : {"AF", "MAF", "HWE_P", "REASON_VALUE"}) {
    EXPECT_TRUE(std::isnan(shared.DoublesOf(name)[0])) << name;
    EXPECT_EQ(shared.DoublesOf(name)[1], 0.3) << name;
  }
  EXPECT_EQ(shared.IntsOf("MENDEL_ERRORS"), (Table::Ints{Table::kMissingInt, 7}));
}

TEST(SuppressVariants, SmallCountsAndWhatTheyFollowFrom) {
  constexpr int64_t kNa = Table::kMissingInt;
  Table variants;  // on Y there are 400
  variants.Add("N", Table::Ints{1000, 1000, 1002, 400, 1000});
  variants.Add("N_MISSING", Table::Ints{0, 4, 0, 5, 50});
  variants.Add("CALL_RATE", Table::Doubles{1, 0.996, 1, 0.9875, 0.95});
  variants.Add("MAF", Table::Doubles(5, 0.3));
  variants.Add("REASON_VALUE", Table::Doubles(5, 0.5));
  variants.Add("AF", Table::Doubles(5, 0.31416));
  variants.Add("MENDEL_ERRORS", Table::Ints{0, 5, 1, 4, 0});
  variants.Add("MENDEL_CHECKED", Table::Ints(5, 59));
  variants.Add("STATUS", Table::Strings(5, "pass"));
  const Table shared = SuppressVariants(variants, {1000, 600, false}, kSmall);
  EXPECT_EQ(shared.IntsOf("N"), (Table::Ints{1000, 1000, kNa, 400, 1000}));
  EXPECT_EQ(shared.IntsOf("N_MISSING"), (Table::Ints{0, kNa, 0, 5, 50}));
  EXPECT_EQ(shared.IntsOf("MENDEL_ERRORS"), (Table::Ints{0, 5, kNa, kNa, 0}));
  const auto hidden = [&shared](const char* name) {
    std::vector<bool> rows;
    for (const double v : shared.DoublesOf(name)) rows.push_back(std::isnan(v));
    return rows;
  };
  EXPECT_EQ(hidden("CALL_RATE"), (std::vector<bool>{false, true, true, false, false}));
  EXPECT_EQ(hidden("REASON_VALUE"), (std::vector<bool>{false, true, true, true, false}));
  EXPECT_EQ(hidden("MAF"), std::vector<bool>(5, false));
  // Digits of a frequency tell how many calls it is of, and trios that were checked who had none.
  EXPECT_EQ(shared.DoublesOf("AF"), (Table::Doubles{0.31416, 0.31, 0.31416, 0.31416, 0.31416}));
  EXPECT_EQ(shared.IntsOf("MENDEL_CHECKED"), (Table::Ints{59, kNa, 59, 59, 59}));
  const Table few = SuppressVariants(variants, {1000, 600, false, true}, kSmall);
  EXPECT_EQ(few.IntsOf("MENDEL_CHECKED"), Table::Ints(5, kNa));
}

/// Allele frequencies of all counts among `founders`.
Table OfFounders(int64_t founders) {
  Table::Doubles frequency;
  for (int64_t copies = 20; copies <= founders; ++copies) {
    frequency.push_back(static_cast<double>(copies) / static_cast<double>(2 * founders));
  }
  const size_t rows = frequency.size();
  Table variants;
  variants.Add("N", Table::Ints(rows, 300));
  variants.Add("N_MISSING", Table::Ints(rows, 10));
  variants.Add("CALL_RATE", Table::Doubles(rows, 0.97));
  for (const char* name : {"AF", "MAF", "HWE_P", "REASON_VALUE", "INFO_COMPUTED"}) {
    variants.Add(name, frequency);
  }
  variants.Add("MENDEL_ERRORS", Table::Ints(rows, 0));
  variants.Add("MENDEL_CHECKED", Table::Ints(rows, 59));
  return variants;
}

TEST(SuppressVariants, FewPeopleRemovedAreNotToldByWhatVariantsOfBeforeAndAfterCount) {
  const auto told = [](int64_t founders) {
    const Table shared = SuppressVariants(OfFounders(founders), {300, 218, true}, kSmall);
    for (const char* name : {"N", "MENDEL_CHECKED"}) {
      for (const int64_t n : shared.IntsOf(name)) EXPECT_EQ(n, Table::kMissingInt) << name;
    }
    for (const char* name : {"CALL_RATE", "REASON_VALUE"}) {
      for (const double x : shared.DoublesOf(name)) EXPECT_TRUE(std::isnan(x)) << name;
    }
    const auto& frequency = shared.DoublesOf("AF");
    return std::set<double>(frequency.begin(), frequency.end());
  };
  // Every frequency that one number of founders can have, another can have too.
  EXPECT_GT(told(218).size(), 40u);
  for (const int64_t founders : {217, 219, 220}) EXPECT_EQ(told(founders), told(218));
  const Table exact = SuppressVariants(OfFounders(218), {300, 218, false}, kSmall);
  EXPECT_EQ(exact.DoublesOf("AF"), OfFounders(218).DoublesOf("AF"));
  EXPECT_EQ(exact.IntsOf("N").front(), 300);
}

}  // namespace
}  // namespace kinflow
