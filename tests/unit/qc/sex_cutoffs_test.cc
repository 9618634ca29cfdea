#include "stages/qc/sex_cutoffs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kinflow {
namespace {

TEST(SexCutoffs, LieInTheGapWhereverItIs) {
  // Few variants: females reach far beyond PLINK's 0.2.
  std::vector<double> x_f;
  for (int i = 0; i < 60; ++i) x_f.push_back(-0.6 + 0.02 * i);  // to 0.58
  for (int i = 0; i < 20; ++i) x_f.push_back(0.9 + 0.005 * i);
  x_f.push_back(std::numeric_limits<double>::quiet_NaN());
  const SexCutoffs cut = CutoffsFromGap(x_f);
  EXPECT_NEAR(cut.female_max, (0.58 + 0.9) / 2, 1e-12);
  EXPECT_EQ(cut.female_max, cut.male_min);
}

TEST(SexCutoffs, OneSexAloneHasNoGap) {
  const SexCutoffs plink;
  for (const double from : {-0.5, 0.7}) {
    std::vector<double> x_f;
    for (int i = 0; i < 30; ++i) x_f.push_back(from + 0.01 * i);
    const SexCutoffs cut = CutoffsFromGap(x_f);
    EXPECT_EQ(cut.female_max, plink.female_max);
    EXPECT_EQ(cut.male_min, plink.male_min);
  }
  EXPECT_EQ(CutoffsFromGap({}).male_min, plink.male_min);
  EXPECT_EQ(CutoffsFromGap({0.1}).male_min, plink.male_min);
}

TEST(SexCutoffs, AFewMenAmongManyWomen) {
  std::vector<double> x_f(200, 0.0);
  for (size_t i = 0; i < x_f.size(); ++i) x_f[i] = 0.001 * static_cast<double>(i);
  x_f.insert(x_f.end(), {0.97, 0.98, 0.99});
  const SexCutoffs cut = CutoffsFromGap(x_f);
  EXPECT_EQ(cut.male_min, 0.58);  // of 0.5845, the middle
}

/// The ledger's rows of cut-offs as they are shared.
Table::Doubles Shared(const SexCutoffs& cut) {
  Table ledger;
  ledger.Add("FILTER", Table::Strings{"call_rate", "sex_female_max", "sex_male_min"});
  ledger.Add("THRESHOLD", Table::Doubles{0.975, cut.female_max, cut.male_min});
  return WithoutNarrowCutoffs(ledger).DoublesOf("THRESHOLD");
}

// One cut-off is the threshold of the filter.
TEST(SexCutoffs, ANarrowThresholdOfTheFilterIsNotShared) {
  Table ledger;
  ledger.Add("FILTER", Table::Strings{"call_rate", "sex", "sex"});
  ledger.Add("THRESHOLD", Table::Doubles{0.975, 0.5, 0.502});
  const Table::Doubles told = WithoutNarrowCutoffs(ledger).DoublesOf("THRESHOLD");
  EXPECT_EQ(told[0], 0.975);
  EXPECT_EQ(told[1], 0.5);
  EXPECT_TRUE(std::isnan(told[2]));
}

// Of neither person beside the gap more is told than that they lie on either side of hundredths.
TEST(SexCutoffs, NoOnesValuesFollowFromThoseShared) {
  const auto people = [](int from, int to) {  // without those between, in thousandths
    std::vector<double> x_f;
    for (int i = 0; i <= 1000; ++i) {
      if (i <= from || i >= to) x_f.push_back(i / 1000.0);
    }
    return x_f;
  };
  const SexCutoffs wide = CutoffsFromGap(people(497, 508));
  EXPECT_EQ(wide.female_max, 0.5);
  EXPECT_EQ(Shared(wide), (Table::Doubles{0.975, 0.5, 0.5}));
  const SexCutoffs narrow = CutoffsFromGap(people(500, 504));  // 0.50 is a person's value
  EXPECT_NEAR(narrow.female_max, 0.502, 1e-12);
  const Table::Doubles told = Shared(narrow);
  EXPECT_EQ(told[0], 0.975);
  EXPECT_TRUE(std::isnan(told[1]));
  EXPECT_TRUE(std::isnan(told[2]));
  EXPECT_EQ(Shared(SexCutoffs()), (Table::Doubles{0.975, 0.2, 0.8}));
}

TEST(SexCutoffs, GivenOnesAreUsed) {
  QcOptions options;
  options.sex_female_max = options.sex_male_min = 0.5;
  std::vector<SampleFacts> facts(3);
  facts[0].x_f = 0.49;
  facts[1].x_f = 0.51;
  facts[2].x_f = 0.5;
  InferSexes(options, facts);
  EXPECT_EQ(facts[0].inferred, Sex::kFemale);
  EXPECT_EQ(facts[1].inferred, Sex::kMale);
  EXPECT_EQ(facts[2].inferred, Sex::kUnknown);
}

}  // namespace
}  // namespace kinflow
