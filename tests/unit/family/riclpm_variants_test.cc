// Further variants of case D of tests/conformance against R's lavaan: what else is equal over
// waves, and predictors of the within components.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"
#include "tests/unit/family/riclpm_reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

json References(const std::string& name) {
  std::ifstream file(ConformanceFile("ref/" + name));
  return json::parse(file);
}

Table Women() { return ToTable(ReadTsv(ConformanceFile("data/d_riclpm4.tsv"))); }

FitOptions Options(std::vector<std::string> variants) {
  FitOptions options;
  options.model = "riclpm";
  options.model_options.x = {"x1", "x2", "x3", "x4"};
  options.model_options.y = {"y1", "y2", "y3", "y4"};
  options.model_options.variants = std::move(variants);
  options.vcov = {"model"};
  return options;
}

void CompareIndices(const std::string& model, const FitResult& fit, double tolerance,
                    Deviations& worst) {
  const json expected = References("d_variants.json")["fit"][model];
  const Table& indices = fit.tables.at("fit");
  ASSERT_EQ(indices.rows(), 1u);
  for (const auto& [column, key] :
       std::vector<std::pair<const char*, const char*>>{{"logLik", "logl"},
                                                        {"chisq", "chisq"},
                                                        {"cfi", "cfi"},
                                                        {"rmsea", "rmsea"},
                                                        {"srmr", "srmr"}}) {
    worst.Absolute(column, model, indices.DoublesOf(column)[0], expected[key], tolerance);
  }
  EXPECT_EQ(indices.IntsOf("npar")[0], expected["npar"]);
  EXPECT_EQ(indices.DoublesOf("df")[0], expected["df"]);
}

struct Case {
  const char* name;
  const char* variant;
  bool predictors = false, equal = false;
};

class RiclpmVariants : public ::testing::TestWithParam<Case> {};

TEST_P(RiclpmVariants, AsLavaan) {
  const Case& c = GetParam();
  FitOptions options = Options({c.variant});
  if (c.predictors) {
    options.model_options.predictors = {"prenatal", "temper"};
    options.model_options.predictors_within = true;
    options.model_options.equal_predictors = c.equal;
  }
  const FitResult fit = FitColumns(Women(), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  Deviations worst(fmt::format("case D, {}", c.name));
  CompareWithLavaan("d_variants_coef.tsv", c.name, fit, {}, worst);
  CompareIndices(c.name, fit, 1e-6, worst);
}

INSTANTIATE_TEST_SUITE_P(
    Models, RiclpmVariants,
    ::testing::Values(Case{"innovations", "equal_innovations"}, Case{"means", "equal_means"},
                      Case{"lags_innovations", "equal_lags_innovations"},
                      Case{"lags_innovations_means", "equal_lags_innovations_means"},
                      Case{"z_within", "free", true}, Case{"z_within_equal", "free", true, true}),
    [](const auto& test) { return test.param.name; });

// Differences of lavaan's chi-squares, against the first variant.
TEST(RiclpmVariants, AreTestedAgainstTheFreerModel) {
  const json ours = References("d_variants.json")["fit"];
  const json free = References("d_riclpm.json")["fit"]["S1_free"];
  const FitResult fit = FitColumns(
      Women(), Options({"free", "equal_innovations", "equal_means", "equal_lags_innovations"}));
  const Table& tests = fit.tables.at("comparisons");
  ASSERT_EQ(tests.rows(), 3u);
  for (const auto& [reduced, name] : std::vector<std::pair<const char*, const char*>>{
           {"equal_innovations", "innovations"},
           {"equal_means", "means"},
           {"equal_lags_innovations", "lags_innovations"}}) {
    const int64_t row = FindRow(tests, {{"reduced", reduced}, {"full", "free"}, {"test", "LRT"}});
    ASSERT_GE(row, 0) << reduced;
    const auto at = static_cast<size_t>(row);
    const double chisq = ours[name]["chisq"].get<double>() - free["chisq"].get<double>();
    const double df = ours[name]["df"].get<double>() - free["df"].get<double>();
    EXPECT_NEAR(tests.DoublesOf("statistic")[at], chisq, 1e-6) << reduced;
    EXPECT_EQ(tests.DoublesOf("df1")[at], df) << reduced;
  }
  const FitResult neither = FitColumns(Women(), Options({"equal_means", "equal_innovations"}));
  EXPECT_EQ(neither.tables.at("comparisons").rows(), 0u);
  ASSERT_EQ(neither.warnings.size(), 1u);
  EXPECT_NE(neither.warnings[0].find("neither is nested"), std::string::npos);
}

// Free effects on all within components are free effects on all observed variables, told
// otherwise: at the first wave they are the same.
TEST(RiclpmVariants, PredictorsOfWithinComponentsAreReparametrised) {
  FitOptions options = Options({"free"});
  options.model_options.predictors = {"prenatal"};
  const FitResult observed = FitColumns(Women(), options);
  options.model_options.predictors_within = true;
  const FitResult within = FitColumns(Women(), options);
  ASSERT_TRUE(within.failures.empty()) << within.failures[0].Format();
  EXPECT_NEAR(within.tables.at("fit").DoublesOf("logLik")[0],
              observed.tables.at("fit").DoublesOf("logLik")[0], 1e-7);
  const auto value = [](const FitResult& fit, const char* term) {
    const Table& estimates = fit.tables.at("estimates");
    const int64_t row = FindRow(estimates, {{"term", term}});
    EXPECT_GE(row, 0) << term;
    return row < 0 ? std::nan("") : estimates.DoublesOf("estimate")[static_cast<size_t>(row)];
  };
  EXPECT_NEAR(value(within, "wy1 ~ prenatal"), value(observed, "y1 ~ prenatal"), 1e-5);
  EXPECT_NEAR(value(within, "wy2 ~ prenatal") +
                  value(within, "wy2 ~ wx1") * value(within, "wx1 ~ prenatal") +
                  value(within, "wy2 ~ wy1") * value(within, "wy1 ~ prenatal"),
              value(observed, "y2 ~ prenatal"), 1e-5);
}

TEST(RiclpmVariants, EqualMeansBesidePredictorsByWaveAreRefused) {
  FitOptions options = Options({"equal_means"});
  options.model_options.predictors = {"prenatal"};
  EXPECT_THROW(FitColumns(Women(), options), Error);
  options.model_options.equal_predictors = true;
  EXPECT_TRUE(FitColumns(Women(), options).failures.empty());
  options.model_options.predictors_within = true;
  EXPECT_THROW(FitColumns(Women(), options), Error);
}

}  // namespace
}  // namespace kinflow::family::test
