// Case I of tests/conformance: R's rstandard and prcomp.
#include "tests/unit/scores/adjust/case_i.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/scores/adjust/reference.h"

namespace kinflow::test {
namespace {

using family::test::ConformanceFile;
using family::test::NumberOf;
using family::test::ReadTsv;
using nlohmann::json;

json Reference() {
  std::ifstream file(ConformanceFile("ref/i_pgs.json"));
  return json::parse(file);
}

class CaseITest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    data_ = new CaseI();
    AdjustOptions options = CaseI::AllCovariates();
    options.composites = {{"polygenic_p", data_->scores.names, FitOn::kAll}};
    adjusted_ = new AdjustedScores(data_->Run(options));
  }
  static void TearDownTestSuite() {
    delete data_;
    delete adjusted_;
  }
  static CaseI* data_;
  static AdjustedScores* adjusted_;
};
CaseI* CaseITest::data_ = nullptr;
AdjustedScores* CaseITest::adjusted_ = nullptr;

TEST_F(CaseITest, StandardisedResidualsOfTheFirst25) {
  const auto reference = ReadTsv(ConformanceFile("ref/i_residuals_first25.tsv"));
  ASSERT_EQ(reference.rows.size(), 25u);
  size_t compared = 0, missing = 0;
  for (size_t s = 0; s < data_->scores.names.size(); ++s) {
    for (size_t r = 0; r < reference.rows.size(); ++r) {
      const double expected = NumberOf(reference.At(r, data_->scores.names[s] + "_res"));
      const double ours = adjusted_->scores.values[s][r];
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(ours));
        ++missing;
        continue;
      }
      // R keeps the rounding of sums near 550.
      EXPECT_NEAR(ours, expected, 1e-9 * std::abs(expected) + 2e-12);
      ++compared;
    }
  }
  EXPECT_EQ(compared + missing, 275u);
  EXPECT_GE(compared, 270u);
}

TEST_F(CaseITest, SpreadOfAllResiduals) {
  const json expected = Reference()["residual_sd"];
  ASSERT_EQ(expected.size(), 11u);
  for (size_t s = 0; s < data_->scores.names.size(); ++s) {
    const auto scale =
        ScaleAmong(adjusted_->scores.values[s], SamplesOf(*data_->cohort, FitOn::kAll),
                   data_->scores.names[s], FitOn::kAll);
    const double sd = expected[data_->scores.names[s] + "_res"];
    EXPECT_NEAR(scale.sd, sd, 1e-9 * sd);
  }
}

TEST_F(CaseITest, LoadingsAndExplainedVariance) {
  const json pca = Reference()["pca"];
  const Table& loadings = adjusted_->composites;
  ASSERT_EQ(loadings.rows(), 11u);
  for (size_t r = 0; r < loadings.rows(); ++r) {
    EXPECT_EQ(loadings.StringsOf("COMPOSITE")[r], "polygenic_p");
    EXPECT_EQ(loadings.IntsOf("N")[r], Reference()["n_complete"]);
    const double expected = pca["loadings_pc1"][loadings.StringsOf("SCORE")[r] + "_res"];
    EXPECT_NEAR(loadings.DoublesOf("LOADING")[r], expected, 1e-8 * expected);
    EXPECT_NEAR(loadings.DoublesOf("VAR_EXPLAINED")[r], pca["var_explained"][0], 1e-8);
  }
  const Table& components = adjusted_->components;
  ASSERT_EQ(components.rows(), 11u);
  double sum = 0;
  for (size_t r = 0; r < components.rows(); ++r) {
    EXPECT_EQ(components.IntsOf("COMPONENT")[r], static_cast<int64_t>(r) + 1);
    EXPECT_NEAR(components.DoublesOf("VAR_EXPLAINED")[r], pca["var_explained"][r], 1e-10);
    sum += components.DoublesOf("EIGENVALUE")[r];
  }
  EXPECT_NEAR(sum, 11, 1e-10);
}

TEST_F(CaseITest, FirstComponent) {
  ASSERT_EQ(adjusted_->scores.names.back(), "polygenic_p");
  const auto& p = adjusted_->scores.values.back();
  const json first = Reference()["pca"]["score_first10"];
  ASSERT_EQ(first.size(), 10u);
  for (const auto& row : first) {
    const uint32_t sample = data_->cohort->samples->Find(row["iid"].get<std::string>());
    ASSERT_NE(sample, SampleTable::kAbsent);
    const double expected = row["p_score"];
    EXPECT_NEAR(p[sample], expected, 1e-8 * std::abs(expected));
  }
  EXPECT_EQ(std::count_if(p.begin(), p.end(), [](double v) { return std::isnan(v); }), 12);
}

// Fitted on mothers and projected on everybody (R: prcomp(scale(X[mothers, ])), three scores).
TEST_F(CaseITest, FittedOnMothers) {
  AdjustOptions options;
  options.composites = {{"p", {"adhd_pgs", "mdd_pgs", "anx_pgs"}, FitOn::kMother}};
  const AdjustedScores adjusted = data_->Run(options);
  const double loadings[] = {0.560141111469945, 0.641154073240001, 0.524560186831759};
  const double eigenvalues[] = {1.62313307964865, 0.81332228524297, 0.563544635108385};
  const double scores[] = {-1.11974657866624, -0.194799432594623, -1.08821747373868,
                           -0.706235224364857};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(adjusted.composites.DoublesOf("LOADING")[i], loadings[i], 1e-10);
    EXPECT_NEAR(adjusted.composites.DoublesOf("CORRELATION")[i],
                loadings[i] * std::sqrt(eigenvalues[0]), 1e-10);
    EXPECT_NEAR(adjusted.components.DoublesOf("EIGENVALUE")[i], eigenvalues[i], 1e-10);
    EXPECT_EQ(adjusted.composites.IntsOf("N")[i], 327);
    EXPECT_EQ(adjusted.composites.StringsOf("FIT_ON")[i], "mother");
  }
  for (size_t i = 0; i < 4; ++i) {  // a mother, two children, a father
    EXPECT_NEAR(adjusted.scores.values.back()[i], scores[i], 1e-10);
  }
}

}  // namespace
}  // namespace kinflow::test
