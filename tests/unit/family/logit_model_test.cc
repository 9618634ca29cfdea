// Logistic regression where its answer is known in closed form, and its faults.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "stages/family/fit.h"
#include "stages/family/model.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

// A 2 x 2 table: `counts` of (x, y) = (0,0), (0,1), (1,0), (1,1).
Table TwoByTwo(const std::array<int, 4>& counts) {
  Table::Doubles x, y, wave;
  for (size_t cell = 0; cell < 4; ++cell) {
    for (int i = 0; i < counts[cell]; ++i) {
      x.push_back(cell >= 2 ? 1 : 0);
      y.push_back(cell % 2 == 1 ? 1 : 0);
      wave.push_back(std::sin(static_cast<double>(x.size())));
    }
  }
  Table table;
  table.Add("x", x);
  table.Add("y", y);
  table.Add("z", wave);
  table.Add("id", Table::Doubles(x.size(), 1.0));
  return table;
}

FitResult Fit(const Table& data, const std::string& formula, bool firth = false) {
  FitOptions options;
  options.model = "logit";
  options.formula = formula;
  options.model_options.firth = firth;
  return FitColumns(data, options);
}

double Estimate(const FitResult& fit, const std::string& term, const char* column = "estimate") {
  const Table& estimates = fit.tables.at("estimates");
  const int64_t row = FindRow(estimates, {{"term", term}, {"se_type", "model"}});
  return row < 0 ? std::nan("") : estimates.DoublesOf(column)[static_cast<size_t>(row)];
}

TEST(LogitModel, TwoByTwoTableIsTheOddsRatioAndWoolfsError) {
  const FitResult fit = Fit(TwoByTwo({20, 10, 7, 13}), "y ~ x");
  EXPECT_NEAR(Estimate(fit, "x"), std::log(20.0 * 13 / (10 * 7)), 1e-12);
  EXPECT_NEAR(Estimate(fit, "x", "std_error"), std::sqrt(1 / 20.0 + 1 / 10.0 + 1 / 7.0 + 1 / 13.0),
              1e-12);
}

// Firth's penalty in a saturated table adds one half to every cell.
TEST(LogitModel, FirthAddsAHalfToEveryCell) {
  const FitResult fit = Fit(TwoByTwo({20, 10, 7, 13}), "y ~ x", true);
  EXPECT_NEAR(Estimate(fit, "x"), std::log(20.5 * 13.5 / (10.5 * 7.5)), 1e-9);
  const FitResult empty_cell = Fit(TwoByTwo({20, 0, 7, 13}), "y ~ x", true);
  EXPECT_TRUE(empty_cell.failures.empty());
  EXPECT_NEAR(Estimate(empty_cell, "x"), std::log(20.5 * 13.5 / (0.5 * 7.5)), 1e-9);
}

// The penalty is half the log-determinant of the information, whose unit is that of the terms.
TEST(LogitModel, FirthGivesNothingThatDependsOnTheUnit) {
  FitOptions options;
  options.model = "logit";
  options.formula = "y ~ z + x";
  options.steps = {{"z"}, {"x"}};
  options.model_options.firth = true;
  const FitResult fit = FitColumns(TwoByTwo({20, 10, 7, 13}), options);
  ASSERT_TRUE(fit.failures.empty());
  for (const char* column : {"logLik", "AIC", "BIC", "deviance"}) {
    EXPECT_TRUE(std::isnan(fit.tables.at("models").DoublesOf(column)[0])) << column;
  }
  const auto& tests = fit.tables.at("comparisons").StringsOf("test");
  EXPECT_EQ(std::count(tests.begin(), tests.end(), "LRT"), 0);
  EXPECT_EQ(std::count(tests.begin(), tests.end(), "Wald-model"), 1);
  for (const auto& type : fit.tables.at("estimates").StringsOf("se_type")) EXPECT_EQ(type, "model");
  options.vcov = {"HC0"};
  try {
    FitColumns(TwoByTwo({20, 10, 7, 13}), options);
    ADD_FAILURE() << "sandwich of a penalised fit";
  } catch (const Error& error) {
    EXPECT_NE(error.Format().find("model logit with firth has no covariance estimator"),
              std::string::npos)
        << error.Format();
  }
}

TEST(LogitModel, FirthSaysThatItHasNoErrorsByClusters) {
  FitOptions options;
  options.model = "logit";
  options.formula = "y ~ x";
  options.model_options.firth = true;
  Table data = TwoByTwo({20, 10, 7, 13});
  Table::Doubles pair;
  for (size_t i = 0; i < data.rows(); ++i) pair.push_back(static_cast<double>(i / 2));
  data.Add("pair", pair);
  EXPECT_TRUE(FitColumns(data, options).warnings.empty());
  options.cluster = "pair";
  const FitResult fit = FitColumns(data, options);
  ASSERT_EQ(fit.warnings.size(), 1u);
  EXPECT_NE(fit.warnings[0].find("Firth's penalty has no errors by clusters: the 50 rows of 25 "
                                 "clusters count as independent"),
            std::string::npos)
      << fit.warnings[0];
}

TEST(LogitModel, SeparationIsRefusedByNameAndCount) {
  for (const auto& counts : {std::array<int, 4>{20, 0, 7, 13}, std::array<int, 4>{20, 0, 0, 13}}) {
    const FitResult fit = Fit(TwoByTwo(counts), "y ~ z + x");
    ASSERT_EQ(fit.failures.size(), 1u);
    EXPECT_EQ(fit.failures[0].id(), ErrorId::kModelFailed);
    const std::string message = fit.failures[0].OneLine();
    EXPECT_NE(message.find("logit: separated: x predicts"), std::string::npos) << message;
    EXPECT_NE(message.find(counts[2] == 0 ? "in 33 of 33 rows" : "in 20 of 40 rows"),
              std::string::npos)
        << message;
    EXPECT_NE(fit.failures[0].Advice().find("firth"), std::string::npos);
    EXPECT_EQ(fit.tables.at("models").StringsOf("status")[0], "failed");
  }
}

// Coefficients far apart, but no separation: large values alone are no fault.
TEST(LogitModel, LargeLinearPredictorsAreNotSeparation) {
  Table data = TwoByTwo({50, 50, 50, 50});
  Table::Doubles x = data.DoublesOf("x"), y = data.DoublesOf("y");
  for (size_t i = 0; i < x.size(); ++i) x[i] = (y[i] - 0.5) * 100 + 70 * data.DoublesOf("z")[i];
  Table wide;
  wide.Add("x", x);
  wide.Add("y", y);
  const FitResult fit = Fit(wide, "y ~ x");
  EXPECT_TRUE(fit.failures.empty());
  EXPECT_GT(Estimate(fit, "x"), 0);
}

TEST(LogitModel, OutcomesOtherThanZeroAndOne) {
  Table data = TwoByTwo({20, 10, 7, 13});
  Table::Doubles y = data.DoublesOf("y");
  for (double& v : y) v += 1;
  data.Add("one_two", y);
  const FitResult fit = Fit(data, "one_two ~ x");
  ASSERT_EQ(fit.failures.size(), 1u);
  EXPECT_NE(fit.failures[0].OneLine().find("must be 0 or 1; it is neither in 23 of 50 rows"),
            std::string::npos)
      << fit.failures[0].OneLine();
  const FitResult constant = Fit(data, "id ~ x");
  ASSERT_EQ(constant.failures.size(), 1u);
  EXPECT_EQ(constant.failures[0].id(), ErrorId::kConstantOutcome);
}

TEST(LogitModel, AliasedTermsKeepTheirRows) {
  Table data = TwoByTwo({20, 10, 7, 13});
  data.Add("again", Table::Doubles(data.DoublesOf("x")));
  const FitResult fit = Fit(data, "y ~ x + again");
  EXPECT_TRUE(fit.failures.empty());
  EXPECT_NEAR(Estimate(fit, "x"), std::log(20.0 * 13 / (10 * 7)), 1e-12);
  EXPECT_TRUE(std::isnan(Estimate(fit, "again")));
  EXPECT_EQ(fit.warnings.size(), 1u);
}

TEST(LogitModel, SpecFaults) {
  const Table data = TwoByTwo({20, 10, 7, 13});
  FitOptions options;
  options.model = "logit";
  options.formula = "y ~ x";
  const auto expect = [&](const std::string& text) {
    try {
      FitColumns(data, options);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(error.Format().find(text), std::string::npos) << error.Format();
    }
  };
  options.vcov = {"robust"};
  expect("model logit has no covariance estimator of this name");
  options.vcov = {"CR1"};
  expect("cluster-robust standard errors need a cluster");
  options.vcov = {};
  options.model = "ordinal";
  options.formula = "y ~ x + (1 | id)";
  expect("model ordinal takes no random terms");
  options.formula = "y ~ x";
  options.model = "ols";
  options.model_options.firth = true;
  expect("firth is a key of model logit only");
}

}  // namespace
}  // namespace kinflow::family::test
