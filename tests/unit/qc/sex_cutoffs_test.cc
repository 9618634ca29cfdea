#include "stages/qc/sex_cutoffs.h"

#include <gtest/gtest.h>

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
  EXPECT_NEAR(cut.male_min, (0.199 + 0.97) / 2, 1e-12);
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
