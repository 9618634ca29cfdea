#include "stages/scores/adjust/linear_map.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/scores/adjust/case_i.h"

namespace kinflow::test {
namespace {

AdjustOptions ScaledWithComposite() {
  AdjustOptions options;
  options.composites = {{"p", {"adhd_pgs", "mdd_pgs"}, FitOn::kFather}};
  options.standardise = true;
  options.scale_on = FitOn::kMother;
  return options;
}

/// What one parent of each person might have passed on: 0, 1/4, 1/2, 3/4 or all of the sum.
double ShareOf(size_t i) { return static_cast<double>(i % 5) / 4; }

/// Each person stands for a child whose mother has the person's sums.
ScoresByChild PartsOf(const family::ScoreColumns& sums) {
  ScoresByChild parts;
  for (size_t s = 0; s < sums.names.size(); ++s) {
    auto& members = parts[sums.names[s]];
    members["mother"] = sums.values[s];
    for (size_t i = 0; i < sums.values[s].size(); ++i) {
      members["t_mother"].push_back(ShareOf(i) * sums.values[s][i]);
      members["nt_mother"].push_back((1 - ShareOf(i)) * sums.values[s][i]);
    }
  }
  return parts;
}

TEST(LinearMap, PartsOfAParentAddUpToTheParentsScore) {
  const CaseI data;
  const AdjustedScores adjusted = data.Run(ScaledWithComposite());
  ASSERT_EQ(adjusted.maps.size(), 12u);  // eleven and "p"
  const ScoresByChild mapped = MappedByChild(adjusted.maps, PartsOf(data.scores));
  ASSERT_EQ(mapped.size(), adjusted.scores.names.size());
  for (size_t s = 0; s < adjusted.scores.names.size(); ++s) {
    const auto& members = mapped.at(adjusted.scores.names[s]);
    const auto& mother = members.at("mother");
    const auto& passed = members.at("t_mother");
    const auto& kept = members.at("nt_mother");
    for (size_t i = 0; i < mother.size(); ++i) {
      const double score = adjusted.scores.values[s][i];  // of a person with these sums
      if (std::isnan(score)) {
        ASSERT_TRUE(std::isnan(mother[i]) && std::isnan(passed[i]) && std::isnan(kept[i]));
        continue;
      }
      ASSERT_NEAR(mother[i], score, 1e-9) << adjusted.scores.names[s];
      ASSERT_NEAR(passed[i] + kept[i], score, 1e-9);
      if (ShareOf(i) == 0.5) {
        ASSERT_NEAR(passed[i], kept[i], 1e-9);
      } else if (ShareOf(i) == 1) {
        ASSERT_NEAR(kept[i], kept[4], 1e-9);  // of nothing: half of the offset
      }
    }
  }
}

TEST(LinearMap, OfACompositeNeedsAllItsSums) {
  const CaseI data;
  const AdjustedScores adjusted = data.Run(ScaledWithComposite());
  ScoresByChild sums = PartsOf(data.scores);
  sums.at("mdd_pgs").erase("mother");
  ScoresByChild mapped = MappedByChild(adjusted.maps, sums);
  EXPECT_EQ(mapped.at("adhd_pgs").count("mother"), 1u);
  EXPECT_EQ(mapped.at("p").count("mother"), 0u);
  EXPECT_EQ(mapped.at("p").count("t_mother"), 1u);
  sums.erase("mdd_pgs");
  mapped = MappedByChild(adjusted.maps, sums);
  EXPECT_EQ(mapped.count("adhd_pgs"), 1u);
  EXPECT_EQ(mapped.count("p"), 0u);
  sums.at("adhd_pgs").at("t_mother")[0] = std::nan("");  // siblings: nothing is known of parts
  mapped = MappedByChild(adjusted.maps, sums);
  EXPECT_TRUE(std::isnan(mapped.at("adhd_pgs").at("t_mother")[0]));
  EXPECT_FALSE(std::isnan(mapped.at("adhd_pgs").at("t_mother")[1]));
}

TEST(LinearMap, IsWhatCovariatesLeaveNot) {
  const CaseI data;
  EXPECT_TRUE(ScaledWithComposite().is_linear());
  EXPECT_TRUE(data.Run(CaseI::AllCovariates()).maps.empty());
  AdjustOptions ancestry;
  ancestry.ancestry.pcs = 2;
  EXPECT_TRUE(ancestry.is_linear());  // columns beside the scores
  ancestry.ancestry.use = AncestryOptions::Use::kZNorm1;
  EXPECT_FALSE(ancestry.is_linear());
}

}  // namespace
}  // namespace kinflow::test
