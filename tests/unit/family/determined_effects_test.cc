// Random effects of which fixed ones have taken all: their variance is not identified.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "stages/family/fit.h"

namespace kinflow::family::test {
namespace {

// R: i <- 0:119
//    d <- data.frame(site = c("A", "B", "C")[i %% 3 + 1], ward = (i %/% 3) %% 5, x = sin(1.3 * i))
//    d$y <- cos(7 * (5 * (i %% 3) + d$ward)) + (i %% 3) + .2 * d$x + sin(5.7 * i)
Table Wards() {
  Table::Strings site, ward;
  Table::Doubles x, y;
  for (int i = 0; i < 120; ++i) {
    const int s = i % 3, w = i / 3 % 5;
    site.emplace_back(1, static_cast<char>('A' + s));
    ward.push_back("w" + std::to_string(w));
    x.push_back(std::sin(1.3 * i));
    y.push_back(std::cos(7.0 * (5 * s + w)) + s + 0.2 * x.back() + std::sin(5.7 * i));
  }
  Table table;
  table.Add("site", site);
  table.Add("ward", ward);
  table.Add("x", x);
  table.Add("y", y);
  return table;
}

FitResult Fit(const std::string& formula, bool kenward_roger = false) {
  FitOptions options;
  options.model = "lmm";
  options.formula = formula;
  options.kenward_roger = kenward_roger;
  return FitColumns(Wards(), options);
}

// lme4 warns that "parameters are not uniquely determined" and gives errors of 1.6 for site B,
// which rest on where its search happened to end: with a variance of 0 they are .3.
TEST(DeterminedEffects, AreRefused) {
  for (const bool kenward_roger : {false, true}) {
    for (const std::string formula :
         {"y ~ site + x + (1 | site)", "y ~ site + x + (1 | site/ward)",
          "y ~ site * x + (1 + x | site)", "y ~ site * x + (0 + x | site) + (1 | ward)"}) {
      const FitResult fit = Fit(formula, kenward_roger);
      ASSERT_EQ(fit.failures.size(), 1u) << formula;
      EXPECT_EQ(fit.failures[0].id(), ErrorId::kModelFailed) << formula;
      EXPECT_NE(fit.failures[0].message().find("of each level of site"), std::string::npos)
          << fit.failures[0].message();
      EXPECT_EQ(fit.tables.at("estimates").rows(), 0u) << formula;
    }
  }
}

TEST(DeterminedEffects, OthersWithinThemAreFitted) {
  const FitResult fit = Fit("y ~ site + x + (1 | site:ward)");
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  // R: summary(lmerTest::lmer(y ~ site + x + (1 | site:ward), d))$coefficients
  const Table& estimates = fit.tables.at("estimates");
  const std::array<double, 4> estimate{0.08185170865, 1.08333543550, 1.53081264327, 0.20639133005},
      error{0.34521665123, 0.48820884348, 0.48820963864, 0.09949104714},
      df{11.99982998, 11.99971001, 11.99978778, 105.06889790};
  for (size_t r = 0; r < estimate.size(); ++r) {
    EXPECT_NEAR(estimates.DoublesOf("estimate")[r], estimate[r], 1e-5) << r;
    EXPECT_NEAR(estimates.DoublesOf("std_error")[r] / error[r], 1, 1e-4) << r;
    EXPECT_NEAR(estimates.DoublesOf("df")[r] / df[r], 1, 1e-3) << r;
  }
}

// As many levels as fixed effects, but of other columns.
TEST(DeterminedEffects, FewLevelsAlone) {
  EXPECT_TRUE(Fit("y ~ poly(x, 3) + (1 | site)").failures.empty());
}

}  // namespace
}  // namespace kinflow::family::test
