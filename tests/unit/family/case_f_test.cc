// Case F of tests/conformance against R's ordinal::clm, MASS::polr and sandwich.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "stages/family/fit.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

class CaseF : public ::testing::TestWithParam<const char*> {
 protected:
  static Table Data() { return ToTable(ReadTsv(ConformanceFile("data/f_ordinal.tsv"))); }
  static FitOptions Options() {
    FitOptions options;
    options.model = "ordinal";
    options.formula = "dep_cat ~ pgs_m + pgs_f + pgs_c + age";
    options.cluster = "m_id";
    options.vcov = {"model", "CR0", "CR1"};
    options.model_options.link = GetParam();
    return options;
  }
  static json Reference() {
    std::ifstream file(ConformanceFile("ref/f_ordinal.json"));
    return json::parse(file);
  }
};

TEST_P(CaseF, EveryCoefficientAndThreshold) {
  const FitResult fit = FitColumns(Data(), Options());
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& ours = fit.tables.at("estimates");
  const Tsv reference = ReadTsv(ConformanceFile("ref/f_ordinal_coef.tsv"));
  Deviations worst(fmt::format("case F, {}", GetParam()));
  size_t compared = 0;
  for (size_t r = 0; r < reference.rows.size(); ++r) {
    const std::string model = reference.At(r, "model"), se_type = reference.At(r, "se_type"),
                      term = reference.At(r, "term");
    if (model.substr(model.find('_') + 1) != GetParam()) continue;
    const int64_t row = FindRow(ours, {{"se_type", se_type}, {"term", term}});
    const std::string where = fmt::format("{} {} {}", model, se_type, term);
    ASSERT_GE(row, 0) << where;
    const auto value = [&](const char* column) {
      return ours.DoublesOf(column)[static_cast<size_t>(row)];
    };
    const auto of = [&](const char* column) { return NumberOf(reference.At(r, column)); };
    const bool polr = se_type != "model";  // numeric Hessian
    worst.Relative("estimate", where, value("estimate"), of("estimate"), 1e-8);
    worst.Relative(polr ? "CR std_error" : "std_error", where, value("std_error"), of("std_error"),
                   polr ? 1e-5 : 1e-8);
    const double log_p = -std::log10(of("p_value"));
    worst.Absolute("-log10 p", where, value("neg_log10_p"), log_p,
                   polr ? 1e-6 + 2e-5 * log_p : 1e-6);
    if (std::string(GetParam()) == "logit") {
      worst.Relative("odds ratio", where, value("exp_estimate"), of("odds_ratio"), 1e-8);
    }
    ++compared;
  }
  EXPECT_EQ(compared, 21u);
}

TEST_P(CaseF, SummaryAndTests) {
  const json expected = Reference()["fit"][GetParam()];
  FitOptions options = Options();
  options.steps = {{"age"}, {"pgs_m"}, {"pgs_f", "pgs_c"}};
  const FitResult fit = FitColumns(Data(), options);
  const Table& models = fit.tables.at("models");
  const size_t full = models.rows() - 1;
  Deviations worst(fmt::format("case F tests, {}", GetParam()));
  worst.Relative("logLik", "full", models.DoublesOf("logLik")[full], expected["logLik"], 1e-10);
  worst.Relative("AIC", "full", models.DoublesOf("AIC")[full], expected["AIC"], 1e-10);
  worst.Relative("BIC", "full", models.DoublesOf("BIC")[full], expected["BIC"], 1e-10);
  EXPECT_EQ(models.IntsOf("k")[full], expected["n_par"]);

  const Table& tests = fit.tables.at("comparisons");
  const auto check = [&](const std::map<std::string, std::string>& where, const json& reference) {
    const int64_t row = FindRow(tests, where);
    ASSERT_GE(row, 0) << where.begin()->second;
    const auto at = static_cast<size_t>(row);
    const std::string name = where.at("test") + " " + tests.StringsOf("added")[at];
    worst.Relative("chi-square", name, tests.DoublesOf("statistic")[at], reference["chisq"], 1e-7);
    EXPECT_EQ(tests.DoublesOf("df1")[at], reference["df"]) << name;
    worst.Absolute("-log10 p", name, tests.DoublesOf("neg_log10_p")[at],
                   -std::log10(reference["p"].get<double>()), 1e-6);
  };
  check({{"test", "LRT"}, {"reduced", "step0"}, {"full", "step1"}}, expected["lrt_mother"]);
  check({{"test", "LRT"}, {"reduced", "step1"}, {"full", "full"}}, expected["lrt_partner_child"]);
  check({{"test", "LRT-parallel"}, {"added", "all terms by threshold"}},
        expected["parallel_lines_global"]);
  for (const auto& term : expected["parallel_lines_by_term"]) {
    check({{"test", "LRT-parallel"}, {"added", term["term"].get<std::string>() + " by threshold"}},
          term);
  }
}

INSTANTIATE_TEST_SUITE_P(Links, CaseF, ::testing::Values("logit", "probit"));

Table Small() {
  Table table;
  Table::Doubles y, x, three;
  Table::Strings text;
  for (size_t i = 0; i < 60; ++i) {
    const auto v = static_cast<double>(i);
    y.push_back(std::floor(v / 20));
    x.push_back(v);
    three.push_back(std::fmod(v, 3));
    text.push_back(i % 2 == 0 ? "low" : "high");
  }
  table.Add("y", y);
  table.Add("x", x);
  table.Add("three", three);
  table.Add("text", text);
  table.Add("flat", Table::Doubles(60, 1.0));
  return table;
}

void ExpectFailure(const std::string& formula, const std::string& text) {
  FitOptions options;
  options.model = "ordinal";
  options.formula = formula;
  const FitResult fit = FitColumns(Small(), options);
  ASSERT_EQ(fit.failures.size(), 1u) << formula;
  EXPECT_NE(fit.failures[0].OneLine().find(text), std::string::npos) << fit.failures[0].OneLine();
  EXPECT_FALSE(fit.failures[0].Advice().empty());
}

TEST(OrdinalModel, Faults) {
  ExpectFailure("y ~ x", "x may separate the categories");
  ExpectFailure("x ~ three", "the outcome has 60 categories in 60 rows; 3 to 50 are needed");
  ExpectFailure("flat ~ x", "the same value in all 60 rows");
  ExpectFailure("text ~ x", "is text");
  FitOptions options;
  options.model = "ordinal";
  options.formula = "y ~ 0 + x";
  EXPECT_THROW(FitColumns(Small(), options), Error);
}

// Of `u` the rows with 1 are all of the highest category: the likelihood flattens out along it, and
// with some numbers of rows rounding had ended the steps there.
TEST(OrdinalModel, SeparationIsSeenHoweverFlatTheLikelihoodBecomes) {
  for (int n = 40; n < 400; n += 20) {
    Table table;
    Table::Doubles y, u;
    for (int i = 0; i < n; ++i) {
      u.push_back(i % 5 == 0 ? 1 : 0);
      y.push_back(i % 5 == 0 ? 3 : (i * i + i / 3) % 4);
    }
    table.Add("y", y);
    table.Add("u", u);
    for (const char* link : {"logit", "probit"}) {
      FitOptions options;
      options.model = "ordinal";
      options.formula = "y ~ u";
      options.model_options.link = link;
      const FitResult fit = FitColumns(table, options);
      ASSERT_EQ(fit.failures.size(), 1u) << n << " rows, " << link;
      EXPECT_EQ(fit.failures[0].id(), ErrorId::kModelFailed);
      EXPECT_EQ(fit.failures[0].field(), "u") << fit.failures[0].OneLine();
    }
  }
}

// A row far from all others is as certain as a separated one, and changes nothing.
TEST(OrdinalModel, ARowFarAwayIsNoSeparation) {
  Table::Doubles y, x;
  for (int i = 0; i < 200; ++i) {
    x.push_back(i * 37 % 101 / 50. - 1);
    y.push_back(std::clamp(std::floor(x.back() + i * 53 % 97 / 97. * 4), 0., 3.));
  }
  FitOptions options;
  options.model = "ordinal";
  options.formula = "y ~ x";
  const auto estimates = [&] {
    Table table;
    table.Add("y", y);
    table.Add("x", x);
    const FitResult fit = FitColumns(table, options);
    EXPECT_TRUE(fit.failures.empty()) << fit.failures[0].OneLine();
    return fit.tables.at("estimates").DoublesOf("estimate");
  };
  const auto without = estimates();
  y.push_back(3);
  x.push_back(1e5);
  const auto with = estimates();
  ASSERT_EQ(with.size(), without.size());
  for (size_t i = 0; i < with.size(); ++i) EXPECT_NEAR(with[i], without[i], 1e-5);
}

// Rows with u = 1 lack a category: their own threshold there is infinite.
TEST(OrdinalModel, TestsWithoutAMaximumSayWhyTheyAreMissing) {
  for (const int lacking : {0, 1, 2}) {
    Table table;
    Table::Doubles y, u, x;
    for (int i = 0; i < 200; ++i) {
      const int value = (i * i + i / 3) % 4;
      u.push_back(i % 4 == 0 ? 1 : 0);
      y.push_back(i % 4 == 0 && value == lacking ? lacking + 1 : value);
      x.push_back(i * 37 % 101 / 50. - 1);
    }
    table.Add("y", y);
    table.Add("u", u);
    table.Add("x", x);
    FitOptions options;
    options.model = "ordinal";
    options.formula = "y ~ u + x";
    const FitResult fit = FitColumns(table, options);
    ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].OneLine();
    const Table& tests = fit.tables.at("comparisons");
    const auto p = [&](const char* added) {
      return tests.DoublesOf("p").at(static_cast<size_t>(FindRow(tests, {{"added", added}})));
    };
    EXPECT_TRUE(std::isnan(p("all terms by threshold")));
    EXPECT_TRUE(std::isnan(p("u by threshold")));
    EXPECT_FALSE(std::isnan(p("x by threshold")));
    ASSERT_EQ(fit.warnings.size(), 2u) << lacking;
    EXPECT_NE(fit.warnings[0].find("LRT-parallel of all terms by threshold is NA"),
              std::string::npos)
        << fit.warnings[0];
    EXPECT_NE(fit.warnings[1].find("LRT-parallel of u by threshold is NA"), std::string::npos)
        << fit.warnings[1];
  }
}

// Thresholds alone are the quantiles of the observed shares.
TEST(OrdinalModel, ThresholdsAloneAreSharesOfTheOutcome) {
  FitOptions options;
  options.model = "ordinal";
  options.formula = "y ~ 1";
  const FitResult fit = FitColumns(Small(), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& estimates = fit.tables.at("estimates");
  ASSERT_EQ(estimates.rows(), 2u);
  EXPECT_EQ(estimates.StringsOf("term")[0], "0|1");
  EXPECT_NEAR(estimates.DoublesOf("estimate")[0], std::log(1 / 2.0), 1e-10);
  EXPECT_NEAR(estimates.DoublesOf("estimate")[1], std::log(2.0), 1e-10);
}

}  // namespace
}  // namespace kinflow::family::test
