// Contrasts, Wald tests and predictions with CR2 have clubSandwich's degrees of freedom.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "stages/family/fit.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

// Groups that few clusters are of; clusters with more rows than coefficients, and with fewer. In R:
//   i <- 0:59; cl <- rep(1:12, c(12, 9, 7, 6, 5, 5, 4, 4, 3, 2, 2, 1))
//   d <- data.frame(cl, x = sin(3 * i), z = cos(5 * i), y = cos(7 * i) + sin(cl) / 2,
//                   g = c("t", "t", "u", "u", "u", rep("c", 7))[cl])
//   m <- lm(y ~ x * g, d); V <- vcovCR(m, d$cl, "CR2")
Table FewTreatedClusters() {
  constexpr std::array<size_t, 12> kSizes{12, 9, 7, 6, 5, 5, 4, 4, 3, 2, 2, 1};
  Table::Doubles cl, x, z, y;
  Table::Strings g;
  for (size_t c = 0; c < kSizes.size(); ++c) {
    for (size_t row = 0; row < kSizes[c]; ++row) {
      const auto i = static_cast<double>(cl.size());
      cl.push_back(static_cast<double>(c + 1));
      x.push_back(std::sin(3 * i));
      z.push_back(std::cos(5 * i));
      y.push_back(std::cos(7 * i) + std::sin(cl.back()) / 2);
      g.push_back(c < 2 ? "t" : c < 5 ? "u" : "c");
    }
  }
  Table table;
  table.Add("cl", cl);
  table.Add("x", x);
  table.Add("z", z);
  table.Add("y", y);
  table.Add("g", g);
  return table;
}

FitOptions Cr2(const std::string& formula) {
  FitOptions options;
  options.formula = formula;
  options.cluster = "cl";
  options.vcov = {"CR2"};
  return options;
}

// clubSandwich: linear_contrast(m, V, L, test = "Satterthwaite", p_values = TRUE).
TEST(Satterthwaite, ContrastsAreThoseOfClubSandwich) {
  FitOptions options = Cr2("y ~ x*g");
  options.contrasts = {"gt - gu", "x + x:gt", "x:gu"};
  const FitResult fit = FitColumns(FewTreatedClusters(), options);
  const Table &contrasts = fit.tables.at("contrasts"), &estimates = fit.tables.at("estimates");
  ASSERT_EQ(contrasts.rows(), 3u);
  constexpr double kReference[3][4] = {
      {0.76441700533, 0.281081610141, 2.7720798414, 0.0791494840632},
      {0.00960319716919, 0.0483567817991, 1.00297468322, 0.875123248903},
      {-0.088165447779, 0.160173036897, 4.18447088653, 0.610088082963}};
  for (size_t r = 0; r < 3; ++r) {
    size_t c = 0;
    for (const char* column : {"estimate", "std_error", "df", "p_value"}) {
      EXPECT_LE(RelativeError(contrasts.DoublesOf(column)[r], kReference[r][c++]), 1e-8)
          << column << " of contrast " << r;
    }
  }
  const auto own = static_cast<size_t>(FindRow(estimates, {{"term", "x:gu"}}));
  for (const char* column : {"df", "p_value", "conf_low"}) {
    EXPECT_EQ(contrasts.DoublesOf(column)[2], estimates.DoublesOf(column)[own]) << column;
  }
}

// clubSandwich: Wald_test(m, constrain_zero(c(5, 6)), V, test = "HTZ"), and of the columns 3 to 6.
TEST(Satterthwaite, TestsOfSeveralCoefficientsAreThoseOfClubSandwich) {
  struct Reference {
    std::vector<std::vector<std::string>> steps;
    double statistic, df1, df2, p;
  };
  const std::vector<Reference> all{
      {{{"x", "g"}, {"x:g"}}, 0.239821010693, 2, 2.52970266175, 0.802836489524},
      {{{"x"}, {"g", "x:g"}}, 7.51088428938, 4, 1.29978933813, 0.205103104162}};
  for (const Reference& reference : all) {
    FitOptions options = Cr2("y ~ x*g");
    options.steps = reference.steps;
    const Table tests = FitColumns(FewTreatedClusters(), options).tables.at("comparisons");
    const int64_t row = FindRow(tests, {{"test", "Wald-CR2"}});
    ASSERT_GE(row, 0);
    const auto r = static_cast<size_t>(row);
    EXPECT_EQ(tests.DoublesOf("df1")[r], reference.df1);
    EXPECT_LE(RelativeError(tests.DoublesOf("statistic")[r], reference.statistic), 1e-8);
    EXPECT_LE(RelativeError(tests.DoublesOf("df2")[r], reference.df2), 1e-8);
    EXPECT_LE(RelativeError(tests.DoublesOf("p")[r], reference.p), 1e-7);
  }
}

// clubSandwich of lm(y ~ z + x * g, d): HTZ of the columns 3 to 7 has df_denom -.028, p NA.
TEST(Satterthwaite, TestsOfTooManyCoefficientsAreMissingAndTold) {
  FitOptions options = Cr2("y ~ z + x*g");
  options.steps = {{"z"}, {"x", "g", "x:g"}};
  const FitResult fit = FitColumns(FewTreatedClusters(), options);
  const Table& tests = fit.tables.at("comparisons");
  const auto r = static_cast<size_t>(FindRow(tests, {{"test", "Wald-CR2"}}));
  for (const char* column : {"statistic", "df2", "p"}) {
    EXPECT_TRUE(std::isnan(tests.DoublesOf(column)[r])) << column;
  }
  EXPECT_TRUE(std::any_of(fit.warnings.begin(), fit.warnings.end(), [](const std::string& warning) {
    return warning.find("too few clusters tell of these 5 coefficients") != std::string::npos;
  }));
}

// clubSandwich's contrast of the row (1, mean(x), g) of the design.
TEST(Satterthwaite, PredictionsHaveTheirOwn) {
  FitOptions options = Cr2("y ~ x*g");
  options.trajectories.at = {0};
  options.trajectories.group = "g";
  const Table predicted = FitColumns(FewTreatedClusters(), options).tables.at("trajectories");
  const std::map<std::string, std::array<double, 3>> reference{
      {"c", {-0.0416772160702, 0.277205045102, 4.90140453666}},
      {"t", {0.51678691314, 0.0629602007167, 1.00289027599}},
      {"u", {-0.248198063518, 0.273250972028, 1.95418607349}}};
  ASSERT_EQ(predicted.rows(), reference.size());
  for (size_t r = 0; r < predicted.rows(); ++r) {
    const auto& row = reference.at(predicted.StringsOf("group")[r]);
    size_t c = 0;
    for (const char* column : {"predicted", "std_error", "df"}) {
      EXPECT_LE(RelativeError(predicted.DoublesOf(column)[r], row[c++]), 1e-8) << column;
    }
  }
}

}  // namespace
}  // namespace kinflow::family::test
