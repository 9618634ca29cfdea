// Faults of a model and what the tables say about them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "stages/family/fit.h"
#include "stages/family/model.h"
#include "stages/family/vcov.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

Table Data(size_t n = 40) {
  Table table;
  Table::Doubles y, x, z, group;
  Table::Strings text;
  for (size_t i = 0; i < n; ++i) {
    const auto v = static_cast<double>(i);
    y.push_back(std::sin(v) + 0.1 * v);
    x.push_back(std::cos(1.7 * v));
    z.push_back(std::fmod(v * v, 11));
    group.push_back(std::floor(v / 3));
    text.push_back(i % 3 == 0 ? "u" : "v");
  }
  table.Add("y", y);
  table.Add("x", x);
  table.Add("z", z);
  table.Add("group", group);
  table.Add("text", text);
  table.Add("flat", Table::Doubles(n, 7.0));
  table.Add("empty", Table::Doubles(n, std::nan("")));
  table.Add("s.mother", Table::Doubles(n, 1.0));
  table.Add("twice_x", x);
  return table;
}

FitResult Fit(const std::string& formula, const Table& data = Data()) {
  FitOptions options;
  options.formula = formula;
  return FitColumns(data, options);
}

void ExpectFailure(const FitResult& fit, ErrorId id) {
  ASSERT_EQ(fit.failures.size(), 1u);
  EXPECT_EQ(fit.failures[0].id(), id);
  EXPECT_EQ(fit.failures[0].exit_code(), ExitCode::kInput);
  const Table& models = fit.tables.at("models");
  EXPECT_EQ(models.StringsOf("status")[0], "failed");
  EXPECT_EQ(models.StringsOf("error_id")[0], ErrorName(id));
  EXPECT_FALSE(models.StringsOf("message")[0].empty());
  EXPECT_EQ(fit.tables.at("estimates").rows(), 0u);
}

TEST(OlsModel, ConstantOutcome) { ExpectFailure(Fit("flat ~ x"), ErrorId::kConstantOutcome); }

TEST(OlsModel, AllMissing) {
  const FitResult fit = Fit("y ~ x + empty");
  ExpectFailure(fit, ErrorId::kAllMissing);
  EXPECT_EQ(fit.failures[0].field(), "empty");
}

TEST(OlsModel, TooFewRows) {
  ExpectFailure(Fit("y ~ x + z", Data(3)), ErrorId::kTooFewRows);
  ExpectFailure(Fit("y ~ x", Data(1)), ErrorId::kTooFewRows);
}

TEST(OlsModel, NoEstimableTerm) {
  ExpectFailure(Fit("y ~ flat"), ErrorId::kNoEstimableTerm);
  // The covariate is fine, the score is not.
  FitOptions options;
  options.formula = "y ~ x + s.mother";
  options.steps = {{"x", "s.mother"}};
  ExpectFailure(FitColumns(Data(), options), ErrorId::kNoEstimableTerm);
}

// The base model of an analysis comes down to its intercept; the model with x stands.
TEST(OlsModel, ASmallerModelMayHaveNothingButItsIntercept) {
  FitOptions options;
  options.formula = "y ~ flat + x";
  options.steps = {{"flat"}, {"x"}};
  const FitResult fit = FitColumns(Data(), options);
  EXPECT_TRUE(fit.failures.empty());
}

TEST(OlsModel, TextOutcome) { ExpectFailure(Fit("text ~ x"), ErrorId::kModelFailed); }

TEST(OlsModel, ColumnsThatOverflowWhenSquaredAreRefused) {
  for (const double size : {1e300, 1e155, 1e-200}) {
    Table data = Data();
    Table::Doubles big;
    for (const double v : data.DoublesOf("z")) big.push_back(v * size);
    data.Add("big", big);
    for (const std::string formula : {"y ~ x + big", "big ~ x"}) {
      const FitResult fit = Fit(formula, data);
      ExpectFailure(fit, ErrorId::kModelFailed);
      EXPECT_EQ(fit.failures[0].field(), "big");
      EXPECT_NE(fit.failures[0].Advice().find("rescale"), std::string::npos);
    }
  }
}

TEST(OlsModel, AliasedCovariateIsANaRowWithAWarning) {
  const FitResult fit = Fit("y ~ x + z + twice_x");
  EXPECT_TRUE(fit.failures.empty());
  const Table& estimates = fit.tables.at("estimates");
  const auto row =
      static_cast<size_t>(FindRow(estimates, {{"term", "twice_x"}, {"se_type", "HC3"}}));
  EXPECT_TRUE(std::isnan(estimates.DoublesOf("estimate")[row]));
  EXPECT_TRUE(std::isnan(estimates.DoublesOf("p_value")[row]));
  EXPECT_EQ(estimates.StringsOf("reason")[row], "aliased");
  ASSERT_EQ(fit.warnings.size(), 1u);
  EXPECT_NE(fit.warnings[0].find("E0445"), std::string::npos);
  EXPECT_NE(fit.warnings[0].find("twice_x"), std::string::npos);
  const FitResult without = Fit("y ~ x + z");
  const auto other = static_cast<size_t>(
      FindRow(without.tables.at("estimates"), {{"term", "x"}, {"se_type", "HC3"}}));
  const auto same = static_cast<size_t>(FindRow(estimates, {{"term", "x"}, {"se_type", "HC3"}}));
  EXPECT_EQ(estimates.DoublesOf("std_error")[same],
            without.tables.at("estimates").DoublesOf("std_error")[other]);
}

// In every model of this kind: the term has one level, which is why its coefficient is aliased.
TEST(OlsModel, FactorsWithOneLevelAreNamed) {
  Table data = Data();
  data.Add("one", Table::Strings(40, "k"));
  Table::Doubles bin, rank;
  for (size_t i = 0; i < 40; ++i) {
    bin.push_back(static_cast<double>(i * 7 % 5 < 2));
    rank.push_back(static_cast<double>(i * 7 % 5 % 3));
  }
  data.Add("bin", bin);
  data.Add("rank", rank);
  for (const auto& [model, formula] :
       {std::pair{"ols", "y ~ x + one"}, std::pair{"lmm", "y ~ x + one + (1 | group)"},
        std::pair{"logit", "bin ~ x + one"}, std::pair{"ordinal", "rank ~ x + one"},
        std::pair{"gee", "y ~ x + one"}}) {
    FitOptions options;
    options.model = model;
    options.formula = formula;
    if (options.model == "gee") options.cluster = "group";
    const FitResult fit = FitColumns(data, options);
    ASSERT_TRUE(fit.failures.empty()) << model << fit.failures[0].OneLine();
    const std::string told = fmt::format("{}", fmt::join(fit.warnings, "\n"));
    EXPECT_NE(told.find("one has one level in the rows used: coefficient onek"), std::string::npos)
        << model << ": " << told;
    EXPECT_EQ(told.find("combination"), std::string::npos) << model << ": " << told;
  }
  const FitResult alone = Fit("y ~ one", data);
  ExpectFailure(alone, ErrorId::kNoEstimableTerm);
  EXPECT_NE(alone.failures[0].message().find("one has one level in the 40 rows used"),
            std::string::npos)
      << alone.failures[0].OneLine();
}

TEST(OlsModel, LeverageOneGivesNaNotInfinity) {
  Table data = Data();
  Table::Doubles spike(40, 0.0);
  spike[5] = 1;
  data.Add("spike", spike);
  FitOptions options;
  options.formula = "y ~ x + spike";
  options.vcov = {"const", "HC2", "HC3", "CR3"};
  options.cluster = "x";  // every row its own cluster
  const FitResult fit = FitColumns(data, options);
  const Table& estimates = fit.tables.at("estimates");
  for (const char* type : {"HC2", "HC3", "CR3"}) {
    const auto row =
        static_cast<size_t>(FindRow(estimates, {{"term", "spike"}, {"se_type", type}}));
    EXPECT_TRUE(std::isnan(estimates.DoublesOf("std_error")[row])) << type;
    EXPECT_NE(estimates.StringsOf("reason")[row], "NA") << type;
    const auto other = static_cast<size_t>(FindRow(estimates, {{"term", "x"}, {"se_type", type}}));
    EXPECT_TRUE(std::isfinite(estimates.DoublesOf("std_error")[other])) << type;
  }
  EXPECT_EQ(fit.warnings.size(), 3u);
  const auto fine = static_cast<size_t>(FindRow(estimates, {{"term", "x"}, {"se_type", "const"}}));
  EXPECT_FALSE(std::isnan(estimates.DoublesOf("std_error")[fine]));
}

TEST(OlsModel, SingleRowClustersTurnCrIntoHc) {
  Table data = Data();
  FitOptions options;
  options.formula = "y ~ x + z";
  options.cluster = "x";
  options.vcov = {"HC0", "CR0", "HC3", "CR3", "HC2", "CR2"};
  const Table estimates = FitColumns(data, options).tables.at("estimates");
  for (const auto& [hc, cr] : {std::pair{"HC0", "CR0"}, {"HC3", "CR3"}, {"HC2", "CR2"}}) {
    const auto a = static_cast<size_t>(FindRow(estimates, {{"term", "z"}, {"se_type", hc}}));
    const auto b = static_cast<size_t>(FindRow(estimates, {{"term", "z"}, {"se_type", cr}}));
    EXPECT_LE(
        RelativeError(estimates.DoublesOf("std_error")[a], estimates.DoublesOf("std_error")[b]),
        1e-12)
        << hc;
  }
}

TEST(OlsModel, LargeClustersUseTheSmallDimension) {
  // Clusters with more rows than coefficients go another way through (I - H)^p: both ways agree
  // with brute force on the residual-maker matrix.
  ModelFrame frame;
  frame.columns = Data(40);
  const Formula formula = ParseFormula("y ~ x + z");
  std::vector<int64_t> cluster(40);
  for (size_t i = 0; i < 40; ++i) cluster[i] = i < 20 ? 0 : i < 30 ? 1 : 2 + int64_t(i) / 2;
  frame.cluster = std::move(cluster);
  const Design design = BuildDesign(formula, frame, SelectRows(frame, formula.Columns()).rows);
  const OlsFit fit = FitOls(design);
  const Vcov cr3 = CovarianceOf(design, fit, VcovType::kCr3);
  // CR3 is the delete-one-cluster jackknife: sum over clusters of (b_(g) - b)(b_(g) - b)'.
  std::vector<double> sum(9, 0.0);
  for (uint32_t g = 0; g < design.n_clusters; ++g) {
    std::vector<uint32_t> kept;
    for (uint32_t r = 0; r < 40; ++r) {
      if (design.cluster[r] != g) kept.push_back(r);
    }
    const OlsFit without = FitOls(BuildDesign(formula, frame, kept));
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) {
        sum[3 * i + j] += (without.coef[i] - fit.coef[i]) * (without.coef[j] - fit.coef[j]);
      }
    }
  }
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) {
      EXPECT_NEAR(cr3.At(i, j), sum[3 * i + j], 1e-10 * std::sqrt(sum[4 * i] * sum[4 * j]));
    }
  }
}

TEST(OlsModel, PerfectFitIsAWarning) {
  Table data = Data();
  Table::Doubles line;
  for (const double x : data.DoublesOf("x")) line.push_back(2 + 3 * x);
  data.Add("line", line);
  const FitResult fit = Fit("line ~ x", data);
  ASSERT_EQ(fit.warnings.size(), 1u);
  EXPECT_NE(fit.warnings[0].find("perfect"), std::string::npos);
  const Table& estimates = fit.tables.at("estimates");
  for (size_t r = 0; r < estimates.rows(); ++r) {
    EXPECT_TRUE(std::isnan(estimates.DoublesOf("p_value")[r])) << r;
    EXPECT_TRUE(std::isnan(estimates.DoublesOf("neg_log10_p")[r])) << r;
    EXPECT_EQ(estimates.StringsOf("reason")[r], "the fit is perfect");
  }
  EXPECT_NEAR(estimates.DoublesOf("estimate")[1], 3, 1e-12);
  FitOptions options;
  options.formula = "line ~ z + x";
  options.steps = {{"z"}, {"x"}};
  options.contrasts = {"x - z"};
  const FitResult tested = FitColumns(data, options);
  const Table &pairs = tested.tables.at("comparisons"), &sums = tested.tables.at("contrasts");
  ASSERT_GT(pairs.rows(), 0u);
  for (const double p : pairs.DoublesOf("p")) EXPECT_TRUE(std::isnan(p));
  ASSERT_GT(sums.rows(), 0u);
  for (const double p : sums.DoublesOf("p_value")) EXPECT_TRUE(std::isnan(p));
}

TEST(OlsModel, StepsSampleCommonOrVarying) {
  Table data = Data();
  Table::Doubles w = data.DoublesOf("z");
  for (size_t i = 0; i < w.size(); i += 4) w[i] = std::nan("");
  for (double& v : w) v = v * v;
  data.Add("w", w);
  FitOptions options;
  options.formula = "y ~ x + w";
  options.steps = {{"x"}, {"w"}};
  options.vcov = {"HC3"};
  const FitResult common = FitColumns(data, options);
  EXPECT_EQ(common.tables.at("models").IntsOf("n"), (Table::Ints{30, 30}));
  options.common_sample = false;
  const FitResult varying = FitColumns(data, options);
  EXPECT_EQ(varying.tables.at("models").IntsOf("n"), (Table::Ints{40, 30}));
  // Tests are on the rows of the larger model either way.
  EXPECT_EQ(common.tables.at("comparisons").DoublesOf("statistic"),
            varying.tables.at("comparisons").DoublesOf("statistic"));
  EXPECT_EQ(varying.tables.at("comparisons").IntsOf("n")[0], 30);
}

TEST(OlsModel, ChoicesOfInference) {
  FitOptions options;
  options.formula = "y ~ x";
  options.vcov = {"const"};
  options.fixed_196 = true;
  const Table fixed = FitColumns(Data(), options).tables.at("estimates");
  EXPECT_DOUBLE_EQ(fixed.DoublesOf("conf_high")[1] - fixed.DoublesOf("estimate")[1],
                   1.96 * fixed.DoublesOf("std_error")[1]);
  options.fixed_196 = false;
  options.normal_df = true;
  options.conf_level = 0.9;
  const Table normal = FitColumns(Data(), options).tables.at("estimates");
  EXPECT_TRUE(std::isnan(normal.DoublesOf("df")[1]));
  EXPECT_EQ(normal.StringsOf("stat")[1], "z");
  EXPECT_NEAR((normal.DoublesOf("conf_high")[1] - normal.DoublesOf("estimate")[1]) /
                  normal.DoublesOf("std_error")[1],
              1.6448536269514722, 1e-12);
}

TEST(OlsModel, RefusedOptions) {
  const auto expect = [](FitOptions options, ErrorId id, const std::string& value) {
    if (options.formula.empty()) options.formula = "y ~ x";
    try {
      FitColumns(Data(), options);
      ADD_FAILURE() << value << " accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.id(), id) << value;
      EXPECT_EQ(error.value(), value);
      EXPECT_FALSE(error.remedy().empty() && id != ErrorId::kColumnMissing);
    }
  };
  FitOptions options;
  options.vcov = {"HC9"};
  expect(options, ErrorId::kConfigReference, "HC9");
  options.vcov = {"CR1S"};
  expect(options, ErrorId::kConfigReference, "CR1S");
  options = {};
  options.cluster = "nobody";
  expect(options, ErrorId::kColumnMissing, "nobody");
  options = {};
  options.model = "lmmm";
  expect(options, ErrorId::kConfigReference, "lmmm");
  options = {};
  options.formula = "y ~ x + (1 | group)";
  expect(options, ErrorId::kConfigReference, "(1 | group)");
  options.formula = "y ~ xx";
  expect(options, ErrorId::kConfigReference, "xx");
  options.formula = "y ~ x";
  options.contrasts = {"x - zz"};
  expect(options, ErrorId::kConfigReference, "zz");
  options.contrasts.clear();
  options.steps = {{"z"}};
  expect(options, ErrorId::kConfigReference, "z");
}

}  // namespace
}  // namespace kinflow::family::test
