// What several outcomes of an analysis share changes no number.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "stages/family/analysis_run.h"
#include "stages/family/design.h"
#include "stages/family/family_stage.h"
#include "stages/family/ols.h"
#include "tests/unit/family/simulated_trios.h"

namespace kinflow::family::test {
namespace {

// Of many scores, outcomes stand in one frame and share designs where they have the same rows: each
// number is that of the outcome alone, to the bit, whatever the others lack.
TEST(Analysis, OutcomesOfOneFrameAreAnalysesOfEach) {
  SimulatedTrios s = MakeTrios(120);
  for (size_t extra = 0; extra < 30; ++extra) {
    std::vector<double> values = s.scores.values[extra % 2];
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] += std::sin(static_cast<double>((i + 1) * (extra + 1)));
    }
    s.scores.names.push_back("more" + std::to_string(extra));
    s.scores.values.push_back(std::move(values));
  }
  Table::Doubles other, same, constant(s.persons.iid.size(), 1.0);
  for (size_t i = 0; i < s.persons.iid.size(); ++i) {
    const double value = std::cos(static_cast<double>(i));
    other.push_back(i % 7 == 2 ? std::nan("") : value);
    same.push_back(value * value);
  }
  s.persons.columns.Add("other", std::move(other));
  s.persons.columns.Add("same", std::move(same));
  s.persons.columns.Add("constant", std::move(constant));
  AnalysisOptions options;
  options.id = "grid";
  options.covariates = {"age", "factor(batch)"};
  options.vcov = {"const", "HC3", "CR1S"};
  options.outcome = "scl";
  options.outcomes = {"scl", "other", "constant", "same"};
  const std::vector<std::string> all = options.outcomes;
  const FamilyResults grid = RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
  std::map<std::string, size_t> rows;
  for (const std::string& outcome : all) {
    options.outcome = outcome;
    options.outcomes = {outcome};
    const FamilyResults one = RunAnalysis(options, *s.cohort, s.persons, AnalysisScores(s.scores));
    for (const char* name : {"estimates", "models", "comparisons", "contrasts", "rows"}) {
      const Table &together = grid.tables.at(name), &alone = one.tables.at(name);
      size_t& at = rows[name];
      ASSERT_GE(together.rows(), at + alone.rows()) << name;
      for (size_t c = 0; c < alone.columns(); ++c) {
        const std::string& column = alone.name(c);
        if (column.starts_with("p_") && column != "p_value") continue;  // adjusted together
        for (size_t r = 0; r < alone.rows(); ++r) {
          ASSERT_EQ(together.Cell(at + r, c), alone.Cell(r, c))
              << name << " " << column << " " << r;
        }
      }
      at += alone.rows();
    }
  }
  for (const auto& [name, count] : rows) EXPECT_EQ(grid.tables.at(name).rows(), count) << name;
  EXPECT_GE(CountFailed(grid.tables.at("models")), 32u);  // those of the constant
}

// The weights of rows belong to a model, not to the columns that outcomes share.
TEST(Design, OutcomesShareColumnsOfTheirRowsAlone) {
  ModelFrame frame;
  Table::Doubles a, b, x;
  for (int i = 0; i < 40; ++i) {
    a.push_back(std::sin(i));
    b.push_back(std::cos(2.0 * i));
    x.push_back(std::sin(0.3 * i * i));
  }
  frame.columns.Add("a", std::move(a));
  frame.columns.Add("b", std::move(b));
  frame.columns.Add("x", std::move(x));
  std::vector<uint32_t> rows, fewer;
  for (uint32_t i = 0; i < 40; ++i) {
    rows.push_back(i);
    if (i % 5 != 0) fewer.push_back(i);
  }
  const auto fit = [](Design design, bool weighted) {
    if (weighted) {
      for (size_t i = 0; i < design.n; ++i) design.weight.push_back(1 + static_cast<double>(i % 3));
    }
    return FitOls(design).coef;
  };
  ModelFrame kept = frame;
  kept.designs.Keep();
  for (const char* text : {"a ~ x", "b ~ x", "exp(b) ~ x", "b ~ 0 + x"}) {
    const Formula formula = ParseFormula(text);
    for (const auto& of : {rows, fewer}) {
      const Design alone = BuildDesign(formula, frame, of), shared = BuildDesign(formula, kept, of);
      EXPECT_EQ(alone.x, shared.x) << text;
      EXPECT_EQ(alone.y, shared.y) << text;
      for (const bool weighted : {false, true}) {
        EXPECT_EQ(fit(alone, weighted), fit(shared, weighted)) << text << weighted;
      }
    }
  }
  const ModelFrame copy = kept;
  EXPECT_EQ(copy.designs.memo(), nullptr);  // its columns may change
}

}  // namespace
}  // namespace kinflow::family::test
