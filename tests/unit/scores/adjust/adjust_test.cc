#include "stages/scores/adjust/adjust.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "stages/scores/adjust/adjusted_stage.h"
#include "stages/scores/adjust/composite.h"
#include "stages/scores/adjust/reference.h"
#include "tests/unit/scores/adjust/case_i.h"

namespace kinflow::test {
namespace {

// R: (x - mean(x[mothers])) / sd(x[mothers]).
TEST(Adjust, OneScaleForAllRoles) {
  const CaseI data;
  AdjustOptions options;
  options.standardise = true;
  options.scale_on = FitOn::kMother;
  const AdjustedScores adjusted = data.Run(options);
  EXPECT_NEAR(adjusted.scores.values[0][0], -0.900312791643538, 1e-12);
  EXPECT_NEAR(adjusted.scores.values[0][1], 0.669602808105028, 1e-12);
  EXPECT_EQ(adjusted.adjustment.IntsOf("SCALE_N")[0], 327);
  EXPECT_NEAR(adjusted.adjustment.DoublesOf("SD")[0], 3.0475842145694112, 1e-12);
  // Sums of two roles keep their meaning: the map is the same for everybody.
  const auto& x = data.scores.values[0];
  const auto& z = adjusted.scores.values[0];
  for (size_t i = 2; i < 50; ++i) {
    EXPECT_NEAR((z[i] - z[0]) / (z[1] - z[0]), (x[i] - x[0]) / (x[1] - x[0]), 1e-10);
  }
}

// R: percentileofscore as (below + not above + [any equal]) * 50 / n among mothers.
TEST(Adjust, PercentilesAmongTheReference) {
  const CaseI data;
  AdjustOptions options;
  options.standardise = options.percentiles = true;
  options.scale_on = FitOn::kMother;
  const AdjustedScores adjusted = data.Run(options);
  const double expected[] = {19.2660550458716, 74.9235474006116, 38.5321100917431,
                             59.6330275229358};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(adjusted.percentiles[0][i], expected[i], 1e-12);
  }
  for (const auto& row : adjusted.percentiles) {
    for (const double v : row) EXPECT_TRUE(std::isnan(v) || (v >= 0 && v <= 100));
  }
  EXPECT_EQ(Percentiles({1, 1, 2, 0, 3, std::nan("")}, {0, 1, 2})[0], 50.0);  // ties: mean rank
  EXPECT_EQ(Percentiles({1, 1, 2, 0, 3}, {0, 1, 2})[3], 0.0);
  EXPECT_EQ(Percentiles({1, 1, 2, 0, 3}, {0, 1, 2})[4], 100.0);
}

// Where nobody is a founder all people give allele frequencies, but no scale of founders.
TEST(Adjust, ChildrenAloneHaveNoFoundersToScaleBy) {
  std::vector<Person> people(2);
  people[0].iid = "C";
  people[1].iid = "D";
  people[0].mother = people[1].mother = "M";
  const auto children = Cohort::Build(SampleTable::Build({}, {"C", "D"}, {}, ""),
                                      Pedigree::Build(std::move(people), ""));
  EXPECT_EQ(children->founders, (std::vector<uint8_t>{1, 1}));
  EXPECT_TRUE(SamplesOf(*children, FitOn::kFounder).empty());
  EXPECT_EQ(SamplesOf(*children, FitOn::kAll).size(), 2u);
}

TEST(Adjust, WhyPeopleHaveNoResiduals) {
  CaseI data;
  const auto rows = [&data](const char* name) {
    const Table& table = data.persons.columns;
    return const_cast<Table::Column*>(&table.column(static_cast<size_t>(table.Find(name))));
  };
  std::get<Table::Strings>(*rows("genotyping_batch"))[4] = "ALONE";
  std::get<Table::Doubles>(*rows("PC1"))[6] = std::nan("");
  data.scores.values[0][5] = std::nan("");  // no sum: nothing that covariates could leave out
  const AdjustedScores adjusted = data.Run(CaseI::AllCovariates());
  ASSERT_EQ(adjusted.dropped.size(), 900u);
  EXPECT_EQ(adjusted.dropped[4], "alone_in_group");
  EXPECT_EQ(adjusted.dropped[6], "covariate_missing");
  EXPECT_EQ(std::count(adjusted.dropped.begin(), adjusted.dropped.end(), "NA"), 898);
  AdjustOptions scale;
  scale.standardise = true;
  EXPECT_TRUE(data.Run(scale).dropped.empty());
}

TEST(Adjust, AFaultOfOneScoreLeavesTheOthers) {
  CaseI data;
  std::fill(data.scores.values[2].begin(), data.scores.values[2].end(), 4.0);
  AdjustOptions options;
  options.standardise = true;
  options.composites = {{"good", {"adhd_pgs", "anx_pgs"}, FitOn::kAll},
                        {"of_constant", {"adhd_pgs", "mdd_pgs"}, FitOn::kAll},
                        {"of_absent", {"adhd_pgs", "lost"}, FitOn::kAll}};
  const AdjustedScores adjusted = data.Run(options);
  EXPECT_EQ(adjusted.scores.names.size(), 11u);  // ten and "good"
  EXPECT_EQ(adjusted.scores.names.back(), "good");
  const Table& t = adjusted.adjustment;
  ASSERT_EQ(t.rows(), 14u);
  EXPECT_EQ(t.StringsOf("ERROR")[2], "E0441");
  EXPECT_EQ(t.StringsOf("ERROR")[11], "NA");
  EXPECT_EQ(t.StringsOf("ERROR")[12], "E0441");
  EXPECT_EQ(t.StringsOf("ERROR")[13], "E0440");
  EXPECT_EQ(t.StringsOf("KIND")[13], "composite");
  for (size_t r = 0; r < t.rows(); ++r) {
    const bool failed = t.StringsOf("ERROR")[r] != "NA";
    EXPECT_EQ(failed, t.StringsOf("REMEDY")[r] != "NA");
    EXPECT_EQ(failed, t.IntsOf("N")[r] == 0);
  }
  EXPECT_EQ(adjusted.composites.rows(), 2u);
}

// Columns of ancestry that no analysis uses stand beside residuals and do not take their place.
TEST(Adjust, ResidualsGoOnBesideAncestry) {
  const CaseI data;
  AdjustOptions options = CaseI::AllCovariates();
  const AdjustedScores residuals = data.Run(options);
  options.ancestry.pcs = 2;
  AncestryInput input;
  for (const char* pc : {"PC1", "PC2"}) {
    input.pcs.push_back(data.persons.columns.DoublesOf(pc));
  }
  const Covariates covariates(options.residuals.terms, *data.cohort, data.persons);
  const AdjustedScores both = Adjust(options, &covariates, *data.cohort, data.scores, &input);
  ASSERT_EQ(both.scores.names, residuals.scores.names);
  for (size_t s = 0; s < both.scores.values.size(); ++s) {
    for (size_t i = 0; i < both.scores.values[s].size(); ++i) {
      const double a = both.scores.values[s][i], b = residuals.scores.values[s][i];
      ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b))) << s << " row " << i;
    }
  }
  EXPECT_EQ(both.ancestry_names, data.scores.names);
}

TEST(Adjust, ACompositeThatFailsIsNotAmongTheScores) {
  CaseI data;
  // A residualised member that failed: its composite fails too, by name.
  std::fill(data.scores.values[0].begin(), data.scores.values[0].end(), 4.0);
  AdjustOptions options = CaseI::AllCovariates();
  options.composites = {{"p", {"adhd_pgs", "mdd_pgs"}, FitOn::kMother}};
  const AdjustedScores adjusted = data.Run(options);
  EXPECT_EQ(adjusted.scores.names.size(), 10u);
  EXPECT_EQ(adjusted.adjustment.StringsOf("ERROR").back(), "E0440");
  EXPECT_NE(adjusted.adjustment.StringsOf("MESSAGE").back().find("adhd_pgs"), std::string::npos);
}

TEST(Composite, SignAndOrderOfScoresDoNotMatter) {
  CaseI data;
  const std::vector<std::string> of = {"mdd_pgs", "anx_pgs", "adhd_pgs", "scz_pgs"};
  const Composite p = FitComposite({"p", of, FitOn::kFather}, data.scores, *data.cohort);
  const Composite q =
      FitComposite({"p", {of.rbegin(), of.rend()}, FitOn::kFather}, data.scores, *data.cohort);
  double sum = 0, square = 0;
  for (const double l : p.loadings) {
    sum += l;
    square += l * l;
  }
  EXPECT_GT(sum, 0);
  EXPECT_NEAR(square, 1, 1e-12);
  for (size_t i = 0; i < p.values.size(); ++i) EXPECT_NEAR(p.values[i], q.values[i], 1e-10);
  const auto scale =
      ScaleAmong(p.values, SamplesOf(*data.cohort, FitOn::kFather), "p", FitOn::kFather);
  EXPECT_NEAR(scale.mean, 0, 1e-10);
  EXPECT_NEAR(scale.sd, 1, 1e-10);
  // A score counted the other way changes its loading's sign alone.
  for (double& v : data.scores.values[data.IndexOf("scz_pgs")]) v = -v;
  const Composite turned = FitComposite({"p", of, FitOn::kFather}, data.scores, *data.cohort);
  EXPECT_NEAR(turned.loadings[3], -p.loadings[3], 1e-10);
  EXPECT_NEAR(turned.loadings[0], p.loadings[0], 1e-10);
  ASSERT_EQ(turned.warnings.size(), 1u);
  EXPECT_NE(turned.warnings[0].find("scz_pgs"), std::string::npos);
}

// Two scores that go against each other have loadings of equal size whose sum is zero.
TEST(Composite, SignWhereTheLoadingsSumToZero) {
  CaseI data;
  auto& first = data.scores.values[0];
  for (size_t i = 0; i < first.size(); ++i) first[i] = -data.scores.values[2][i] + 1;
  const Composite p =
      FitComposite({"p", {"adhd_pgs", "mdd_pgs"}, FitOn::kAll}, data.scores, *data.cohort);
  EXPECT_NEAR(p.loadings[0], std::sqrt(0.5), 1e-12);
  EXPECT_NEAR(p.loadings[1], -std::sqrt(0.5), 1e-12);
}

TEST(Composite, TooFewPeople) {
  CaseI data;
  auto& values = data.scores.values[0];
  std::fill(values.begin() + 2, values.end(), std::nan(""));
  try {
    FitComposite({"p", {"adhd_pgs", "mdd_pgs"}, FitOn::kAll}, data.scores, *data.cohort);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kTooFewRows);
  }
}

TEST(CheckAdjust, NamesAreChecked) {
  AdjustOptions options;
  options.composites = {{"p", {"adhd", "mddd"}, FitOn::kAll},
                        {"adhd", {"adhd", "mdd"}, FitOn::kAll},
                        {"q", {"adhd", "adhd"}, FitOn::kAll},
                        {"r", {"mdd"}, FitOn::kAll},
                        {"pgs", {"adhd", "mdd"}, FitOn::kAll}};
  const auto errors = CheckAdjust(options, {"adhd", "mdd"}, true);
  ASSERT_EQ(errors.size(), 5u);
  EXPECT_EQ(errors[0].value(), "mddd");
  EXPECT_EQ(errors[0].remedy(), "did you mean mdd?");
  EXPECT_EQ(errors[1].value(), "adhd");
  EXPECT_EQ(errors[4].value(), "pgs");
  for (const auto& e : errors) EXPECT_EQ(e.id(), ErrorId::kConfigReference);
  // A file that cannot be read may hold the score: its failure is told elsewhere.
  EXPECT_EQ(CheckAdjust(options, {"adhd", "mdd"}, false).size(), 4u);
}

}  // namespace
}  // namespace kinflow::test
