// Coefficients that one row or cluster alone fixes: sandwiches know nothing of their errors.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "stages/family/fit.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

// R: i <- 0:119; g <- i %/% 4
//    d <- data.frame(g, x = sin(1.3 * i), one = ifelse(g == 7, "y", "n"),
//                    mixed = ifelse(g == 5, "y", "n"), row = ifelse(i == 30, "y", "n"))
//    d$y <- .3 * d$x + cos(7 * g) + sin(5.7 * i); d$b <- as.numeric(d$y > 0)
//    d$one01 <- +(g == 7); d$row01 <- +(i == 30); d$z <- +(i %in% 30:32)
//    d$y2 <- d$y * .5 + cos(3.1 * i); d$y2[i %in% 31:32] <- NA
Table Data() {
  Table::Strings one, mixed, row, wave;
  Table::Doubles g, x, y, b, three, one01, row01, z, y2;
  for (int i = 0; i < 120; ++i) {
    const int group = i / 4;
    g.push_back(group);
    x.push_back(std::sin(1.3 * i));
    y.push_back(0.3 * x.back() + std::cos(7.0 * group) + std::sin(5.7 * i));
    b.push_back(y.back() > 0 ? 1 : 0);
    three.push_back(y.back() > 0.7 ? 2 : y.back() > 0 ? 1 : 0);
    one01.push_back(group == 7 ? 1 : 0);
    row01.push_back(i == 30 ? 1 : 0);
    z.push_back(i >= 30 && i <= 32 ? 1 : 0);
    y2.push_back(i == 31 || i == 32 ? std::nan("") : 0.5 * y.back() + std::cos(3.1 * i));
    one.emplace_back(group == 7 ? "y" : "n");
    mixed.emplace_back(group == 5 ? "y" : "n");
    row.emplace_back(i == 30 ? "y" : "n");
    wave.push_back("w" + std::to_string(i % 4 + 1));
  }
  Table table;
  table.Add("g", g);
  table.Add("x", x);
  table.Add("y", y);
  table.Add("b", b);
  table.Add("three", three);
  table.Add("one01", one01);
  table.Add("row01", row01);
  table.Add("z", z);
  table.Add("y2", y2);
  table.Add("one", one);
  table.Add("mixed", mixed);
  table.Add("row", row);
  table.Add("wave", wave);
  return table;
}

FitResult Fit(const std::string& model, const std::string& formula, const std::string& vcov) {
  FitOptions options;
  options.model = model;
  options.formula = formula;
  options.cluster = "g";
  options.vcov = {vcov};
  return FitColumns(Data(), options);
}

double ErrorOf(const FitResult& fit, const std::string& term) {
  const Table& estimates = fit.tables.at("estimates");
  const int64_t row = FindRow(estimates, {{"term", term}});
  EXPECT_GE(row, 0) << term;
  return row < 0 ? -1 : estimates.DoublesOf("std_error")[static_cast<size_t>(row)];
}

// Its error, limits and p are missing, with the reason, and its estimate is there.
void ExpectFixed(const FitResult& fit, const std::string& term, const std::string& reason) {
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& estimates = fit.tables.at("estimates");
  const auto row = static_cast<size_t>(FindRow(estimates, {{"term", term}}));
  EXPECT_FALSE(std::isnan(estimates.DoublesOf("estimate")[row])) << term;
  EXPECT_TRUE(std::isnan(estimates.DoublesOf("std_error")[row])) << term;
  EXPECT_TRUE(std::isnan(estimates.DoublesOf("p_value")[row])) << term;
  EXPECT_NE(estimates.StringsOf("reason")[row].find(reason), std::string::npos)
      << estimates.StringsOf("reason")[row];
  EXPECT_TRUE(std::any_of(fit.warnings.begin(), fit.warnings.end(), [&](const auto& warning) {
    return warning.find("coefficients are NA: ") != std::string::npos;
  })) << term;
}

// R: sqrt(diag(sandwich::vcovCL(lm(y ~ one + x, d), ~ g, type = "HC1"))), which gives .1630595477
// for the level of one cluster: less than for the intercept of all others.
TEST(FixedByOne, LeastSquaresByClusters) {
  for (const std::string vcov : {"CR0", "CR1", "CR1S"}) {
    ExpectFixed(Fit("ols", "y ~ one + x", vcov), "oney", "a cluster alone");
  }
  const FitResult fit = Fit("ols", "y ~ one + x", "CR1S");
  EXPECT_NEAR(ErrorOf(fit, "(Intercept)"), 0.1643676349, 1e-9);
  EXPECT_NEAR(ErrorOf(fit, "x"), 0.1083084405, 1e-9);
  EXPECT_FALSE(std::isnan(ErrorOf(Fit("ols", "y ~ one + x", "HC0"), "oney")));  // four rows
}

// R: sqrt(diag(sandwich::vcovHC(lm(y ~ row + x, d), "HC0"))), .1457024755 for the one row.
TEST(FixedByOne, LeastSquaresByRows) {
  for (const std::string vcov : {"HC0", "HC1"}) {
    ExpectFixed(Fit("ols", "y ~ row + x", vcov), "rowy", "a row has leverage 1");
  }
  const FitResult fit = Fit("ols", "y ~ row + x", "HC0");
  EXPECT_NEAR(ErrorOf(fit, "(Intercept)"), 0.08877453283, 1e-9);
  EXPECT_NEAR(ErrorOf(fit, "x"), 0.12591268580, 1e-9);
  EXPECT_FALSE(std::isnan(ErrorOf(Fit("ols", "y ~ row + x", "const"), "rowy")));
}

// The others' errors are those of a model without the row. R: sqrt(diag(sandwich::vcovHC(
// lm(y ~ x, d[d$row == "n", ]), "HC2"))), and "HC3"; of all rows it gives the same with a warning.
TEST(FixedByOne, LeastSquaresByRowsWithLeverages) {
  const FitResult hc2 = Fit("ols", "y ~ row + x", "HC2"), hc3 = Fit("ols", "y ~ row + x", "HC3");
  ExpectFixed(hc2, "rowy", "a row has leverage 1");
  ExpectFixed(hc3, "rowy", "a row has leverage 1");
  EXPECT_NEAR(ErrorOf(hc2, "(Intercept)"), 0.0895289621290, 1e-11);
  EXPECT_NEAR(ErrorOf(hc2, "x"), 0.1272702783893, 1e-11);
  EXPECT_NEAR(ErrorOf(hc3, "(Intercept)"), 0.0902915394211, 1e-11);
  EXPECT_NEAR(ErrorOf(hc3, "x"), 0.1286437366015, 1e-11);
}

struct Adjusted {
  std::string formula, fixed;
  double cr2, df, cr3;  // of x
};

// R: m <- lm(formula, d); clubSandwich::coef_test(m, clubSandwich::vcovCR(m, d$g, "CR2")).
// clubSandwich stops at CR3 of these; where it is defined it is the jackknife by clusters, in which
// x has a value without any of them: X <- model.matrix(m); sqrt(sum(sapply(0:29, function(k)
//   lm.fit(X[g != k, ], d$y[g != k])$coefficients["x"] - coef(m)["x"])^2))
TEST(FixedByOne, LeastSquaresByAdjustedClusters) {
  const std::vector<Adjusted> all{
      {"y ~ one + x", "oney", 0.107975128723, 28.2225736768, 0.110415765713},
      {"y ~ row + x", "rowy", 0.109381473355, 28.0534267461, 0.111866920218},
      {"y ~ x + factor(g)", "factor(g)7", 0.092481088081, 27.7933641118, 0.0942975294399}};
  for (const auto& one : all) {
    const FitResult cr2 = Fit("ols", one.formula, "CR2"), cr3 = Fit("ols", one.formula, "CR3");
    // A row is of a cluster, whose other rows do not help it.
    ExpectFixed(cr2, one.fixed, "a cluster alone");
    ExpectFixed(cr3, one.fixed, "a cluster alone");
    EXPECT_NEAR(ErrorOf(cr2, "x"), one.cr2, 1e-10) << one.formula;
    EXPECT_NEAR(ErrorOf(cr3, "x"), one.cr3, 1e-10) << one.formula;
    const Table& estimates = cr2.tables.at("estimates");
    const auto row = static_cast<size_t>(FindRow(estimates, {{"term", "x"}}));
    EXPECT_NEAR(estimates.DoublesOf("df")[row], one.df, 1e-7) << one.formula;
  }
  EXPECT_NEAR(ErrorOf(Fit("ols", "y ~ one + x", "CR2"), "(Intercept)"), 0.163256488250, 1e-10);
  EXPECT_NEAR(ErrorOf(Fit("ols", "y ~ one + x", "CR3"), "(Intercept)"), 0.166330604712, 1e-10);
}

// R: m <- glm(b ~ mixed + x, binomial, d, control = list(epsilon = 1e-14));
// sqrt(diag(clubSandwich::vcovCR(m, d$g, "CR2"))); CR3 with MASS::ginv in the place of its solve().
TEST(FixedByOne, LogisticByAdjustedClusters) {
  const FitResult cr2 = Fit("logit", "b ~ mixed + x", "CR2"),
                  cr3 = Fit("logit", "b ~ mixed + x", "CR3");
  ExpectFixed(cr2, "mixedy", "a cluster alone");
  ExpectFixed(cr3, "mixedy", "a cluster alone");
  EXPECT_NEAR(ErrorOf(cr2, "(Intercept)"), 0.314893635244, 1e-8);
  EXPECT_NEAR(ErrorOf(cr2, "x"), 0.267979214591, 1e-8);
  EXPECT_NEAR(ErrorOf(cr3, "(Intercept)"), 0.320817083510, 1e-8);
  EXPECT_NEAR(ErrorOf(cr3, "x"), 0.273645636864, 1e-8);
}

// R: geepack::geeglm(y ~ one + x, id = g, data = d, corstr = "exchangeable"): .1599205473.
TEST(FixedByOne, EstimatingEquations) {
  const FitResult fit = Fit("gee", "y ~ one + x", "robust");
  ExpectFixed(fit, "oney", "a cluster alone");
  EXPECT_NEAR(ErrorOf(fit, "(Intercept)"), 0.16022560631, 1e-8);
  EXPECT_NEAR(ErrorOf(fit, "x"), 0.09110224813, 1e-8);
  EXPECT_FALSE(std::isnan(ErrorOf(Fit("gee", "y ~ one + x", "model"), "oney")));
}

TEST(FixedByOne, OtherRegressions) {
  // R: sqrt(diag(sandwich::vcovCL(glm(b ~ mixed + x, binomial, d), ~ g))): .3229606598 for the
  // level
  const FitResult logit = Fit("logit", "b ~ mixed + x", "CR1");
  ExpectFixed(logit, "mixedy", "a cluster alone");
  EXPECT_NEAR(ErrorOf(logit, "(Intercept)"), 0.3143675546, 1e-7);
  EXPECT_NEAR(ErrorOf(logit, "x"), 0.2671264785, 1e-7);
  ExpectFixed(Fit("ordinal", "three ~ mixed + x", "CR1"), "mixedy", "a cluster alone");
  // R: sqrt(diag(sandwich::vcovCL(MASS::polr(factor(three) ~ mixed + x, d, Hess = TRUE), ~ g)))
  const FitResult ordinal = Fit("ordinal", "three ~ mixed + x", "CR1");
  EXPECT_NEAR(ErrorOf(ordinal, "x"), 0.2867510601, 1e-4);
  EXPECT_NEAR(ErrorOf(ordinal, "0|1"), 0.3085514036, 1e-4);
  EXPECT_NEAR(ErrorOf(ordinal, "1|2"), 0.3090113047, 1e-4);
  // The reference is the level of one cluster: thresholds take the intercept's place.
  FitOptions options;
  options.model = "ordinal";
  options.formula = "three ~ mixed + x";
  options.cluster = "g";
  options.vcov = {"CR1"};
  options.reference = {{"mixed", "y"}};
  const FitResult fit = FitColumns(Data(), options);
  ExpectFixed(fit, "mixedn", "a cluster alone");
  ExpectFixed(fit, "0|1", "a cluster alone");
  EXPECT_GT(ErrorOf(fit, "x"), 0);
}

// Fixed effects of clusters are no parameters of their errors. R: m <- lm(y ~ x + factor(g), d);
// sqrt(diag(sandwich::vcovCL(m, ~ g, type = "HC1")))["x"], as the within estimator by hand.
TEST(FixedByOne, EffectsOfClustersLeaveTheOthersErrors) {
  const FitResult fit = Fit("ols", "y ~ x + factor(g)", "CR1S");
  EXPECT_NEAR(ErrorOf(fit, "x"), 0.1066724272, 1e-9);
  ExpectFixed(fit, "factor(g)7", "a cluster alone");
  // R: geepack::geeglm(y ~ x + factor(g), id = g, data = d)
  FitOptions options;
  options.model = "gee";
  options.formula = "y ~ x + factor(g)";
  options.cluster = "g";
  options.model_options.correlation = "independence";
  const FitResult gee = FitColumns(Data(), options);
  ASSERT_TRUE(gee.failures.empty()) << gee.failures[0].Format();
  EXPECT_NEAR(ErrorOf(gee, "x"), 0.09070099913, 1e-8);
}

// A cluster fixes the level at each wave: neither are its differences between waves known.
TEST(FixedByOne, EffectsAtAllWaves) {
  FitOptions options;
  options.model = "ols_by_wave";
  options.formula = "y ~ one + x";
  options.cluster = "g";
  options.vcov = {"CR1S"};
  options.model_options.wave = "wave";
  const FitResult fit = FitColumns(Data(), options);
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const Table& tests = fit.tables.at("comparisons");
  const auto p = [&](const std::string& term) {
    const int64_t row = FindRow(tests, {{"reduced", "equal at all waves"}, {"added", term}});
    EXPECT_GE(row, 0) << term;
    return row < 0 ? -1 : tests.DoublesOf("p")[static_cast<size_t>(row)];
  };
  EXPECT_TRUE(std::isnan(p("one")));
  EXPECT_GT(p("x"), 0);
}

FitResult FitPaths(const std::vector<std::string>& paths, const std::string& cluster) {
  FitOptions options;
  options.model = "sem";
  options.cluster = cluster;
  options.vcov = {"robust"};
  options.model_options.paths = paths;
  return FitColumns(Data(), options);
}

// R: sandwich::vcovCL(lm(y ~ one01 + x, d), ~ g, type = "HC0") and vcovHC(lm(y ~ row01 + x, d),
// "HC0"), as lavaan::sem("y ~ one01 + x", d, estimator = "MLR", missing = "ml", cluster = "g"),
// which gives .1617 for the level of one cluster, and of y ~~ y .1659119221.
TEST(FixedByOne, PathsFromPredictors) {
  const FitResult cluster = FitPaths({"y ~ one01 + x"}, "g");
  ExpectFixed(cluster, "y ~ one01", "a cluster alone");
  EXPECT_NEAR(ErrorOf(cluster, "y ~ x"), 0.107394428849, 1e-8);
  EXPECT_NEAR(ErrorOf(cluster, "y ~ 1"), 0.162980541411, 1e-8);
  EXPECT_NEAR(ErrorOf(cluster, "y ~~ y"), 0.1659119221, 1e-6);
  const FitResult row = FitPaths({"y ~ row01 + x"}, "");
  ExpectFixed(row, "y ~ row01", "a row has leverage 1");
  EXPECT_NEAR(ErrorOf(row, "y ~ x"), 0.1259126857975, 1e-8);
  EXPECT_NEAR(ErrorOf(row, "y ~ 1"), 0.0887745328284, 1e-8);
}

// Three rows of the level have y, one y2. R: sandwich::vcovHC(lm(y ~ z + x, d), "HC0"); lavaan
// (MLR, "ml") gives .12596 for y2 ~ z.
TEST(FixedByOne, PathsToVariablesThatFewRowsHave) {
  const FitResult fit = FitPaths({"y ~ z + x", "y2 ~ z + x"}, "");
  ExpectFixed(fit, "y2 ~ z", "a row has leverage 1");
  EXPECT_NEAR(ErrorOf(fit, "y ~ z"), 0.1184047277458, 1e-8);
  EXPECT_NEAR(ErrorOf(fit, "y ~ x"), 0.1235830599780, 1e-8);
  EXPECT_NEAR(ErrorOf(fit, "y2 ~ x"), 0.1138927, 1e-5);
}

// What depends on such a path has no error, the rest has. R: lavaan::standardizedSolution of
// "y ~ row01 + x; y2 ~ x".
TEST(FixedByOne, WhatDependsOnPaths) {
  const FitResult fit = FitPaths({"y ~ row01 + x", "y2 ~ x"}, "");
  ExpectFixed(fit, "y ~ row01", "a row has leverage 1");
  const Table& estimates = fit.tables.at("estimates");
  const auto of_standard = [&](const std::string& term) {
    const int64_t row = FindRow(estimates, {{"term", term}});
    EXPECT_GE(row, 0) << term;
    return row < 0 ? -1 : estimates.DoublesOf("std_estimate_error")[static_cast<size_t>(row)];
  };
  EXPECT_TRUE(std::isnan(of_standard("y ~ row01")));
  EXPECT_TRUE(std::isnan(of_standard("y ~ x")));  // rests on the variance of y
  EXPECT_NEAR(of_standard("y2 ~ x"), 0.092038282, 1e-6);
  // One parameter of two paths: the row fixes it all the same.
  const FitResult shared =
      FitPaths({"y ~ b*row01 + x", "y2 ~ b*row01 + c*x", "cc := c*c", "bc := b*c"}, "");
  ExpectFixed(shared, "y ~ row01", "a row has leverage 1");
  ExpectFixed(shared, "y2 ~ row01", "a row has leverage 1");
  const Table& contrasts = shared.tables.at("contrasts");
  const auto error_of = [&](const std::string& name) {
    const int64_t row = FindRow(contrasts, {{"contrast", name}});
    EXPECT_GE(row, 0) << name;
    return row < 0 ? -1 : contrasts.DoublesOf("std_error")[static_cast<size_t>(row)];
  };
  EXPECT_TRUE(std::isnan(error_of("bc")));
  const auto at = static_cast<size_t>(FindRow(shared.tables.at("estimates"), {{"term", "y2 ~ x"}}));
  const double c = shared.tables.at("estimates").DoublesOf("estimate")[at];
  EXPECT_NEAR(error_of("cc"), 2 * c * ErrorOf(shared, "y2 ~ x"), 1e-12);
  EXPECT_GT(error_of("cc"), 0);
}

}  // namespace
}  // namespace kinflow::family::test
