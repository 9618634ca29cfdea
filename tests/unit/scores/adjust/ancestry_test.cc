// Case G of the scoring specification (the PGS Catalog calculator's test data, values by an
// independent R computation), and what cannot be normalised.
#include "stages/scores/adjust/ancestry.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "stages/scores/adjust/adjust.h"
#include "tests/support/test_data.h"

namespace kinflow {
namespace {

std::vector<std::map<std::string, std::string>> Rows(const std::string& path) {
  std::ifstream in(path);
  std::string line, cell;
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::stringstream cells(line);
    std::vector<std::string> fields;
    while (std::getline(cells, cell, '\t')) fields.push_back(cell);
    if (names.empty()) {
      if (fields[0].starts_with('#')) fields[0].erase(0, 1);
      names = fields;
      continue;
    }
    rows.emplace_back();
    for (size_t i = 0; i < fields.size(); ++i) rows.back()[names[i]] = fields[i];
  }
  return rows;
}

/// Targets first, then the reference; the panel is the reference.
struct CaseG {
  std::map<std::string, size_t> at;
  std::vector<double> sums;
  AncestryInput input;
  AncestryOptions options;
  Cohort cohort;

  explicit CaseG(const std::string& folder) {
    std::map<std::string, double> sum;
    for (auto& row : Rows(folder + "aggregated_scores.txt")) {
      sum[row["IID"]] = std::stod(row["SUM"]);
    }
    std::map<std::string, std::string> population;
    for (auto& row : Rows(folder + "ref.psam")) population[row["IID"]] = row["SuperPop"];
    options.pcs = 4;
    options.group = "SuperPop";
    input.pcs.resize(4);
    input.panel.emplace();
    input.panel->pcs.resize(4);
    input.panel->scores = {"pgs"};
    input.panel->values.resize(1);
    std::vector<std::string> iids;
    for (const char* file : {"target.pcs", "ref.pcs"}) {
      const bool reference = file == std::string("ref.pcs");
      for (auto& row : Rows(folder + file)) {
        const std::string& iid = row["IID"];
        at[iid] = sums.size();
        iids.push_back(iid);
        sums.push_back(sum.at(iid));
        input.group.push_back(reference ? population.at(iid) : "NA");
        for (size_t k = 0; k < 4; ++k) {
          const double pc = std::stod(row["PC" + std::to_string(k + 1)]);
          input.pcs[k].push_back(pc);
          if (reference) input.panel->pcs[k].push_back(pc);
        }
        if (!reference) continue;
        input.panel->group.push_back(population.at(iid));
        input.panel->values[0].push_back(sum.at(iid));
      }
    }
    cohort.samples = SampleTable::Build({}, std::move(iids), {}, "case G");
  }
};

TEST(Ancestry, CaseG) {
  KINFLOW_REQUIRE_DATA(pcs, "pgs_ancestry/ref.pcs");
  const CaseG g(pcs.substr(0, pcs.size() - 7));
  AncestryNormaliser normaliser(g.options, g.input, g.cohort);
  const AncestryScores scores = normaliser.Of(g.sums, "pgs");
  const auto of = [&](const std::vector<double>& column, const char* iid) {
    return column[g.at.at(iid)];
  };
  EXPECT_NEAR(of(scores.z_norm1, "HGDP00001"), 0.677030, 1e-5);
  EXPECT_NEAR(of(scores.z_norm1, "HGDP00003"), 0.558540, 1e-5);
  EXPECT_NEAR(of(scores.z_norm1, "HG00096"), -0.178288, 1e-5);
  EXPECT_NEAR(of(scores.z_norm1, "HG00097"), -0.083172, 1e-5);
  EXPECT_NEAR(of(scores.z_norm2, "HGDP00001"), 0.632543, 1e-3);
  EXPECT_NEAR(of(scores.z_norm2, "HGDP00003"), 0.524515, 1e-3);
  EXPECT_NEAR(of(scores.z_norm2, "HG00096"), -0.142939, 1e-3);
  EXPECT_NEAR(of(scores.z_norm2, "HG00097"), -0.059741, 1e-3);
  EXPECT_NEAR(of(scores.percentile, "HG00096"), 38.28571, 1e-5);
  EXPECT_NEAR(of(scores.percentile, "HG00097"), 42.09524, 1e-5);
  EXPECT_NEAR(of(scores.z_pop, "HG00096"), -0.272409, 1e-6);
  EXPECT_NEAR(of(scores.z_pop, "HG00097"), -0.191018, 1e-6);
  EXPECT_TRUE(std::isnan(of(scores.z_pop, "HGDP00001")));  // no population is given for it

  const AncestryFit fit = FitAncestry(g.input.panel->values[0], g.input.panel->pcs, "pgs");
  EXPECT_EQ(fit.n, 2575);
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.offset, 2.010026, 1e-6);
  EXPECT_NEAR(fit.residual_sd, 3.19087, 1e-5);
  EXPECT_NEAR(fit.nll, 4247.945, 1e-3);
  const double ols[] = {0, 0.2519161, 1.29998, -0.4349992, 0.2566366};
  const double mean[] = {-0.002294, 0.266609, 1.317160, -0.430730, 0.237754};
  const double log_variance[] = {2.299375, -0.136054, -0.157171, 0.005284, 0.001546};
  for (size_t k = 0; k < 5; ++k) {
    EXPECT_NEAR(fit.ols[k], ols[k], 1e-5);
    EXPECT_NEAR(fit.mean[k], mean[k], 1e-3);
    EXPECT_NEAR(fit.log_variance[k], log_variance[k], 1e-3);
  }
}

TEST(Ancestry, PopulationsOfCaseG) {
  KINFLOW_REQUIRE_DATA(pcs, "pgs_ancestry/ref.pcs");
  const CaseG g(pcs.substr(0, pcs.size() - 7));
  AncestryNormaliser normaliser(g.options, g.input, g.cohort);
  normaliser.Of(g.sums, "pgs");
  const Table models = normaliser.Models();
  const std::map<std::string, std::pair<double, double>> expected = {{"AFR", {2.736725, 2.797338}},
                                                                     {"AMR", {-0.193115, 3.333162}},
                                                                     {"EAS", {4.025944, 2.941749}},
                                                                     {"EUR", {0.492212, 3.605571}},
                                                                     {"SAS", {2.114138, 3.313317}}};
  size_t found = 0;
  for (size_t r = 0; r < models.rows(); ++r) {
    if (models.StringsOf("MODEL")[r] != "population") continue;
    const auto& [mean, sd] = expected.at(models.StringsOf("TERM")[r]);
    EXPECT_NEAR(models.DoublesOf("ESTIMATE")[r], mean, 1e-6);
    EXPECT_NEAR(models.DoublesOf("SD")[r], sd, 1e-6);
    ++found;
  }
  EXPECT_EQ(found, 5u);
}

ErrorId FaultOf(const std::vector<double>& y, const std::vector<std::vector<double>>& pcs) {
  try {
    FitAncestry(y, pcs, "s");
  } catch (const Error& e) {
    EXPECT_FALSE(e.Advice().empty());
    return e.id();
  }
  ADD_FAILURE() << "no error";
  return ErrorId::kInternal;
}

TEST(Ancestry, Faults) {
  const std::vector<double> pc = {1, 5, 2, 7, 3, 8, 4}, y = {2, 1, 4, 3, 9, 5, 7};
  EXPECT_EQ(FaultOf({1, 2}, {{1, 2}}), ErrorId::kTooFewRows);
  EXPECT_EQ(FaultOf(std::vector<double>(7, 3.5), {pc}), ErrorId::kNoEstimableTerm);
  EXPECT_EQ(FaultOf(y, {std::vector<double>(7, 1.5)}), ErrorId::kNoEstimableTerm);
  EXPECT_EQ(FaultOf(y, {pc, pc}), ErrorId::kNoEstimableTerm);
  EXPECT_EQ(FaultOf(pc, {pc}), ErrorId::kNoEstimableTerm);
}

/// Twelve people; the score of those with PC1 = 0 does not vary, so no variance fits them.
struct Unsettled {
  AncestryOptions options;
  AncestryInput input;
  Cohort cohort;
  family::ScoreColumns sums;

  Unsettled() {
    options.pcs = 1;
    options.group = "population";
    std::vector<std::string> iids;
    sums.names = {"s"};
    sums.values.resize(1);
    input.pcs.resize(1);
    for (int i = 0; i < 12; ++i) {
      iids.push_back("p" + std::to_string(i));
      input.pcs[0].push_back(i < 6 ? 0 : 1);
      input.group.emplace_back(i < 3 ? "A" : i < 11 ? "B" : "NA");
      sums.values[0].push_back(i < 6 ? 1 : (i * i) % 7);
    }
    cohort.samples = SampleTable::Build({}, std::move(iids), {}, "unsettled");
    cohort.roles.assign(12, Role::kMother);
    cohort.founders.assign(12, 1);
  }
  AdjustedScores Run(AncestryOptions::Use use) const {
    AdjustOptions adjust;
    adjust.ancestry = options;
    adjust.ancestry.use = use;
    return Adjust(adjust, nullptr, cohort, sums, &input);
  }
};

TEST(Ancestry, AFitThatDoesNotSettleIsNotUsed) {
  const Unsettled data;
  const AdjustedScores used = data.Run(AncestryOptions::Use::kZNorm2);
  EXPECT_EQ(used.scores.failed, std::vector<std::string>{"s"});
  EXPECT_TRUE(used.scores.names.empty());
  EXPECT_EQ(used.adjustment.StringsOf("ERROR")[0], "E0440");
  EXPECT_NE(used.adjustment.StringsOf("REMEDY")[0].find("z_norm1"), std::string::npos);
  ASSERT_EQ(used.ancestry_names.size(), 1u);  // its other columns hold
  for (const double v : used.ancestry[0].z_norm2) EXPECT_TRUE(std::isnan(v));
  for (const double v : used.ancestry[0].z_norm1) EXPECT_TRUE(std::isfinite(v));
  const AdjustedScores other = data.Run(AncestryOptions::Use::kZNorm1);
  EXPECT_TRUE(other.scores.failed.empty());
  EXPECT_EQ(other.scores.values[0], other.ancestry[0].z_norm1);
  ASSERT_EQ(other.warnings.size(), 1u);
  EXPECT_NE(other.warnings[0].find("did not settle"), std::string::npos);
}

TEST(Ancestry, PopulationsThatThePanelLacksAreTold) {
  Unsettled data;
  data.input.panel.emplace();
  data.input.panel->scores = {"s", "t"};
  data.input.panel->values.resize(2);
  data.input.panel->pcs.resize(1);
  for (int i = 0; i < 40; ++i) {
    data.input.panel->pcs[0].push_back((i * 7) % 11);
    data.input.panel->group.emplace_back("B");
    for (auto& values : data.input.panel->values) values.push_back((i * i) % 13);
  }
  AncestryNormaliser normaliser(data.options, data.input, data.cohort);
  const AncestryScores scores = normaliser.Of(data.sums.values[0], "s");
  normaliser.Of(data.sums.values[0], "t");
  EXPECT_TRUE(std::isnan(scores.z_pop[0]));
  EXPECT_TRUE(std::isfinite(scores.z_pop[3]));
  ASSERT_EQ(normaliser.warnings().size(), 1u);  // once for both scores; "NA" is no population
  EXPECT_TRUE(normaliser.warnings()[0].starts_with(
      "3 people belong to 1 populations that the reference people lack (A)"))
      << normaliser.warnings()[0];
}

}  // namespace
}  // namespace kinflow
