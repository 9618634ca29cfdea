// Comparisons of groups that cannot be made are NA, as in R, and told.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "stages/family/fit.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

// R: d <- data.frame(g = rep(c("a", "b", "c"), each = 8), y = sin(1.3 * 0:23)); d$flat <- d$y
//    d$flat[d$g == "b"] <- 2
Table Data() {
  Table::Strings g;
  Table::Doubles y, flat;
  for (int i = 0; i < 24; ++i) {
    g.emplace_back(1, static_cast<char>('a' + i / 8));
    y.push_back(std::sin(1.3 * i));
    flat.push_back(g.back() == "b" ? 2 : y.back());
  }
  Table table;
  table.Add("g", g);
  table.Add("y", y);
  table.Add("flat", flat);
  return table;
}

FitResult Fit(const std::string& formula, double low) {
  FitOptions options;
  options.model = "groups";
  options.formula = formula;
  options.model_options.low = low;
  return FitColumns(Data(), options);
}

double P(const FitResult& fit, const std::string& test) {
  const Table& comparisons = fit.tables.at("comparisons");
  return comparisons.DoublesOf("p")[static_cast<size_t>(FindRow(comparisons, {{"test", test}}))];
}

bool Warned(const FitResult& fit, const std::string& text) {
  return std::any_of(fit.warnings.begin(), fit.warnings.end(), [&](const std::string& warning) {
    return warning.find(text) != std::string::npos;
  });
}

TEST(Groups, TestsThatAreMissingAreTold) {
  const FitResult usual = Fit("y ~ g", 0);
  ASSERT_TRUE(usual.failures.empty()) << usual.failures[0].Format();
  EXPECT_TRUE(usual.warnings.empty()) << usual.warnings[0];
  // R: oneway.test(y ~ g, d)$p.value; chisq.test(table(d$y <= 0, d$g), correct = FALSE)$p.value
  EXPECT_NEAR(P(usual, "Welch"), 0.696206964943, 1e-9);
  EXPECT_NEAR(P(usual, "Pearson"), 0.606530659713, 1e-9);
  // R: oneway.test(flat ~ g, d)$p.value is NaN; anova(lm(flat ~ g, d)) is fine
  const FitResult flat = Fit("flat ~ g", 0);
  EXPECT_TRUE(std::isnan(P(flat, "Welch")));
  EXPECT_TRUE(Warned(flat, "Welch's test is NA"));
  EXPECT_FALSE(std::isnan(P(flat, "F")));
  EXPECT_FALSE(Warned(flat, "F, Welch's"));
  EXPECT_TRUE(Warned(flat, "Woolf's odds ratios are NA"));  // nobody of b is low
  EXPECT_FALSE(Warned(flat, "Pearson's"));
  // R: chisq.test() of a row of zeros is NaN
  for (const double low : {-5.0, 5.0}) {
    const FitResult none = Fit("y ~ g", low);
    EXPECT_TRUE(std::isnan(P(none, "Pearson"))) << low;
    EXPECT_TRUE(Warned(none, "Pearson's and G2 tests are NA")) << low;
  }
}

}  // namespace
}  // namespace kinflow::family::test
