// The mixed models of case G of tests/conformance (geography): nested areas, random slopes of a
// score, and a variance that is exactly zero.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

const std::map<std::string, std::string> kFormulas{
    {"G0_null", "scl_dep ~ 1 + (1 | area)"},
    {"G1_area", "scl_dep ~ pgs_m + pgs_f + pgs_c + age + (1 | area)"},
    {"G2_nested", "scl_dep ~ pgs_m + pgs_f + pgs_c + age + (1 | district/area)"},
    {"G3_depr", "scl_dep ~ pgs_m * deprivation + pgs_f + pgs_c + age + (1 | area)"},
    {"G4_slope", "scl_dep ~ pgs_m * deprivation + pgs_f + pgs_c + age + (1 + pgs_m | area)"},
    {"G6_boundary", "scl_dep ~ pgs_m + pgs_f + pgs_c + age + (1 | area) + (1 | null_grp)"}};

// The reference of these two stops short of the optimum, by 2e-9 and 2.4e-7 of the criterion (its
// optimiser has no relative tolerance of x): lme4 with one, as in case B, gives the covariance of
// G4 as .00492461222, ours, where the reference has .00492216. Ours must lie below it.
bool IsLoose(const std::string& model) { return model == "G2_nested" || model == "G4_slope"; }

TEST(CaseG, MixedModels) {
  std::ifstream file(ConformanceFile("ref/g_geo.json"));
  const json reference = json::parse(file);
  const Tsv coefficients = ReadTsv(ConformanceFile("ref/g_geo_coef.tsv"));
  const Table data = ToTable(ReadTsv(ConformanceFile("data/g_geo.tsv")));
  Deviations worst("case G");
  size_t compared = 0;
  for (const auto& [name, formula] : kFormulas) {
    FitOptions options;
    options.model = "lmm";
    options.formula = formula;
    const FitResult fit = FitColumns(data, options);
    const json& expected = reference["models"][name];
    const Table& models = fit.tables.at("models");
    const double criterion = models.DoublesOf("criterion")[0];
    worst.Absolute("criterion", name, criterion, expected["REMLcrit"], 1e-6);
    EXPECT_LE(criterion, expected["REMLcrit"].get<double>() + 1e-9) << name;
    EXPECT_EQ(models.StringsOf("singular")[0], expected["singular"].get<bool>() ? "true" : "false");
    EXPECT_EQ(fit.warnings.empty(), !expected["singular"].get<bool>());
    const Table& variances = fit.tables.at("varcomp");
    for (const auto& row : expected["varcomp"]) {
      const auto term = [&row](const char* key) {
        return row[key].is_null() ? std::string("NA") : row[key].get<std::string>();
      };
      const int64_t at = FindRow(
          variances, {{"group", row["grp"]}, {"term1", term("var1")}, {"term2", term("var2")}});
      ASSERT_GE(at, 0) << name << row;
      const double ours = variances.DoublesOf("variance")[static_cast<size_t>(at)];
      if (row["vcov"] == 0) {
        EXPECT_EQ(ours, 0) << "the boundary is reached exactly";
      } else {
        worst.Relative("variance", name, ours, row["vcov"], IsLoose(name) ? 1e-3 : 1e-4);
      }
    }
    const Table& estimates = fit.tables.at("estimates");
    for (size_t r = 0; r < coefficients.rows.size(); ++r) {
      if (coefficients.At(r, "model") != name) continue;
      const std::string term = coefficients.At(r, "term"), where = name + " " + term;
      const int64_t row = FindRow(estimates, {{"term", term}});
      ASSERT_GE(row, 0) << where;
      const auto at = static_cast<size_t>(row);
      const auto of = [&](const char* column) { return NumberOf(coefficients.At(r, column)); };
      worst.Absolute("estimate", where, estimates.DoublesOf("estimate")[at], of("estimate"), 1e-6);
      worst.Relative("std_error", where, estimates.DoublesOf("std_error")[at], of("std_error"),
                     IsLoose(name) ? 2e-5 : 1e-5);
      worst.Relative("df", where, estimates.DoublesOf("df")[at], of("df"), 1e-3);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 30u);
}

}  // namespace
}  // namespace kinflow::family::test
