// Further variants of case D of tests/conformance against R's lavaan: what else is equal over
// waves, predictors of the within components, and variances bounded at 0.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <tuple>

#include "stages/family/fit.h"
#include "stages/family/sem/variance_warnings.h"
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

// Predictors alike at all waves against predictors free at each, by lavaan's chi-squares.
TEST(RiclpmVariants, EqualPredictorsAreTested) {
  FitOptions options = Options({"free", "equal_predictors", "equal_lags_predictors"});
  options.model_options.predictors = {"prenatal", "temper"};
  const FitResult fit = FitColumns(Women(), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const json expected = References("d_riclpm.json")["tests"][1];
  ASSERT_EQ(expected["restricted"], "S5_z_eq");
  const Table& tests = fit.tables.at("comparisons");
  ASSERT_EQ(tests.StringsOf("reduced"),
            (Table::Strings{"equal_predictors", "equal_lags_predictors"}));
  EXPECT_NEAR(tests.DoublesOf("statistic")[0], expected["chisq"], 1e-6);
  EXPECT_NEAR(tests.DoublesOf("p")[0], expected["p"], 1e-6);
  EXPECT_EQ(tests.DoublesOf("df1"), (Table::Doubles{12, 20}));
  options.model_options.equal_predictors = true;  // equal in the first too
  EXPECT_THROW(FitColumns(Women(), options), Error);
  EXPECT_THROW(FitColumns(Women(), Options({"free", "equal_predictors"})), Error);
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

TEST(RiclpmVariants, KeysOfPredictorsNeedThem) {
  for (const std::string key : {"equal_predictors", "predictors_of"}) {
    FitOptions options = Options({"free"});
    options.model_options.equal_predictors = key == "equal_predictors";
    options.model_options.predictors_within = key == "predictors_of";
    try {
      FitColumns(Women(), options);
      ADD_FAILURE() << key;
    } catch (const Error& error) {
      EXPECT_EQ(error.field(), key);
    }
  }
}

/// Rows begin to end, counted from 1, of the women.
Table SomeWomen(size_t begin, size_t end) {
  Tsv rows = ReadTsv(ConformanceFile("data/d_riclpm4.tsv"));
  rows.rows.resize(end);
  rows.rows.erase(rows.rows.begin(), rows.rows.begin() + static_cast<std::ptrdiff_t>(begin) - 1);
  return ToTable(rows);
}

struct BoundCase {
  const char* name;
  size_t begin, end;
  std::vector<std::string> at_bound;
};

class RiclpmBounds : public ::testing::TestWithParam<BoundCase> {};

// lavaan's bounds = "pos.var" finds the same variances at 0 and the same likelihood; errors of the
// others are lavaan's of the model in which these are fixed at 0.
TEST_P(RiclpmBounds, AsLavaan) {
  const BoundCase& c = GetParam();
  FitOptions options = Options({"free"});
  options.model_options.nonneg = true;
  const FitResult fit = FitColumns(SomeWomen(c.begin, c.end), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  Deviations worst(fmt::format("case D, {}", c.name));
  CompareWithLavaan("d_variants_coef.tsv", c.name, fit, {2e-4, 1e-3}, worst);
  const json expected = References("d_variants.json")["fit"][c.name];
  const Table& indices = fit.tables.at("fit");
  worst.Absolute("logLik", c.name, indices.DoublesOf("logLik")[0], expected["pos_var_logl"], 1e-6);
  worst.Absolute("chisq", c.name, indices.DoublesOf("chisq")[0], expected["chisq"], 1e-5);
  EXPECT_EQ(indices.IntsOf("npar")[0], expected["pos_var_npar"]);
  EXPECT_EQ(indices.DoublesOf("df")[0], 9);  // a variance at its bound counts as free
  EXPECT_EQ(fit.tables.at("models").StringsOf("singular")[0], "true");
  ASSERT_GE(fit.warnings.size(), c.at_bound.size());
  const Table& estimates = fit.tables.at("estimates");
  for (size_t i = 0; i < c.at_bound.size(); ++i) {
    EXPECT_NE(fit.warnings[i].find(c.at_bound[i] + " is at its bound of 0"), std::string::npos)
        << fit.warnings[i];
    const int64_t row = FindRow(estimates, {{"term", c.at_bound[i]}});
    ASSERT_GE(row, 0) << c.at_bound[i];
    EXPECT_EQ(estimates.DoublesOf("estimate")[static_cast<size_t>(row)], 0);
    EXPECT_EQ(estimates.StringsOf("reason")[static_cast<size_t>(row)], "at its bound of 0");
  }
}

// Without bounds the first has a negative variance, the last has no maximum.
INSTANTIATE_TEST_SUITE_P(
    Women, RiclpmBounds,
    ::testing::Values(BoundCase{"nonneg_intercept", 1, 40, {"RIy ~~ RIy"}},
                      BoundCase{"nonneg_innovations", 161, 190, {"wy2 ~~ wy2", "wx4 ~~ wx4"}},
                      BoundCase{"nonneg_diverging", 241, 270, {"RIx ~~ RIx"}}),
    [](const auto& test) { return test.param.name; });

// lavaan warns of these women that the covariance matrix of latent variables is not positive
// definite: a correlation of its standardised solution (std_all of the reference) is above 1.
TEST(RiclpmBounds, ImpossibleCorrelationsAreTold) {
  const Tsv reference = ReadTsv(ConformanceFile("ref/d_variants_coef.tsv"));
  std::string expected;
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    const bool own = reference.At(r, "model") == "nonneg_intercept" &&
                     reference.At(r, "op") == "~~" && NumberOf(reference.At(r, "std_all")) > 1.001;
    if (!own) continue;
    expected = fmt::format(
        "the correlation of {} and {} is {:.4g}: the covariance matrix of latent "
        "variables is not positive definite",
        reference.At(r, "lhs"), reference.At(r, "rhs"), NumberOf(reference.At(r, "std_all")));
  }
  ASSERT_NE(expected.find("wx4 and wy4"), std::string::npos) << expected;
  FitOptions options = Options({"free"});
  options.model_options.nonneg = true;
  const FitResult fit = FitColumns(SomeWomen(1, 40), options);
  ASSERT_EQ(fit.warnings.size(), 2u);  // after the variance at its bound
  EXPECT_NE(fit.warnings[1].find(expected), std::string::npos) << fit.warnings[1];
  EXPECT_EQ(FitColumns(Women(), Options({"free"})).tables.at("models").StringsOf("singular")[0],
            "false");
}

// Correlations of .9, .9 and -.9 are possible by pairs, not together.
TEST(ImproperSolutions, OfThreeVariablesAreNamed) {
  PathModel model;
  model.observed = {"x"};
  model.latent = {"A", "B", "C", "D"};
  SemMaximum at;
  at.theta = Eigen::Vector3d(0.9, 1.8, -1.8);
  for (size_t v = 1; v < 5; ++v) model.paths.push_back({Path::kCovariance, v, v, v == 3 ? 4. : 1.});
  for (const auto& [to, from, parameter] :
       std::vector<std::tuple<size_t, size_t, int64_t>>{{1, 2, 0}, {1, 3, 1}, {2, 3, 2}}) {
    model.paths.push_back({Path::kCovariance, to, from, 0, parameter});
  }
  const auto told = VarianceWarnings(model, at);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].find("the correlations of A, B, C are not those"), 0u) << told[0];
  at.theta(2) = 1.5;
  EXPECT_TRUE(VarianceWarnings(model, at).empty());
}

TEST(RiclpmBounds, ChangeNothingWhereVariancesArePositive) {
  FitOptions options = Options({"free", "clpm"});
  const FitResult plain = FitColumns(Women(), options);
  options.model_options.nonneg = true;
  const FitResult bounded = FitColumns(Women(), options);
  ASSERT_TRUE(bounded.failures.empty()) << bounded.failures[0].Format();
  EXPECT_TRUE(bounded.warnings.empty());
  for (const char* column : {"estimate", "std_error", "std_estimate"}) {
    EXPECT_EQ(bounded.tables.at("estimates").DoublesOf(column),
              plain.tables.at("estimates").DoublesOf(column));
  }
  EXPECT_EQ(bounded.tables.at("comparisons").DoublesOf("p"),
            plain.tables.at("comparisons").DoublesOf("p"));
  EXPECT_EQ(bounded.tables.at("models").StringsOf("singular")[0], "false");
}

// The test of no random intercepts where one has no variance: the statistic is that of the bounded
// fit, and the mixture still tells more than the chi-square.
TEST(RiclpmBounds, ChiBarSquareBesideABound) {
  FitOptions options = Options({"free", "clpm"});
  options.model_options.nonneg = true;
  const FitResult fit = FitColumns(SomeWomen(1, 40), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& tests = fit.tables.at("comparisons");
  ASSERT_EQ(tests.StringsOf("test"), (Table::Strings{"LRT", "chibar"}));
  const auto& log_lik = fit.tables.at("fit").DoublesOf("logLik");
  EXPECT_NEAR(tests.DoublesOf("statistic")[1], 2 * (log_lik[0] - log_lik[1]), 1e-9);
  EXPECT_LT(tests.DoublesOf("p")[1], tests.DoublesOf("p")[0]);
}

}  // namespace
}  // namespace kinflow::family::test
