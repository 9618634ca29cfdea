// Logistic regression with a random intercept: lme4's glmer on case C, integrals by brute force,
// bounds.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "pipeline/base/error.h"
#include "stages/family/fit.h"
#include "stages/family/logistic_mixed.h"
#include "tests/unit/family/deviations.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

using nlohmann::json;

const Table& CaseC() {
  static const Table table = ToTable(ReadTsv(ConformanceFile("data/c_logit.tsv")));
  return table;
}

FitOptions Options() {
  FitOptions options;
  options.model = "logit";
  options.formula = "high_dep ~ pgs_m + pgs_f + pgs_c + age + factor(parity) + (1 | m_id)";
  return options;
}

// glmer's names: factor(parity)1; ours too.
TEST(LogitIntercept, CaseCAsGlmer) {
  std::ifstream file(ConformanceFile("ref/c_logit.json"));
  const json reference = json::parse(file)["glmer"]["agq15"];
  FitOptions options = Options();
  options.random_tests = true;
  const FitResult fit = FitColumns(CaseC(), options);
  ASSERT_TRUE(fit.failures.empty());
  Deviations worst("glmer, 15 nodes");
  const Table& ours = fit.tables.at("estimates");
  for (const auto& [term, value] : reference["coef"].items()) {
    const int64_t row = FindRow(ours, {{"term", term}, {"se_type", "model"}});
    ASSERT_GE(row, 0) << term;
    const auto r = static_cast<size_t>(row);
    worst.Relative("estimate", term, ours.DoublesOf("estimate")[r], value, 1e-3);
    worst.Relative("std_error", term, ours.DoublesOf("std_error")[r], reference["se"][term], 1e-3);
  }
  worst.Relative("variance", "m_id", fit.tables.at("varcomp").DoublesOf("variance")[0],
                 reference["var_m"], 1e-3);
  worst.Absolute("logLik", "", fit.tables.at("models").DoublesOf("logLik")[0], reference["logLik"],
                 1e-4);
  EXPECT_EQ(fit.tables.at("models").IntsOf("n_clusters")[0], 1700);
  // Against the regression without intercepts, whose ln L R gives too.
  const int64_t test = FindRow(fit.tables.at("comparisons"), {{"test", "LRT-random-mixture"}});
  ASSERT_GE(test, 0);
  EXPECT_NEAR(fit.tables.at("comparisons").DoublesOf("statistic")[static_cast<size_t>(test)],
              2 * (reference["logLik"].get<double>() + 1111.6771314766), 2e-4);
}

TEST(LogitIntercept, MoreNodesChangeNothing) {
  FitOptions options = Options();
  const auto fit = FitColumns(CaseC(), options);
  options.model_options.quadrature = 45;
  const auto finer = FitColumns(CaseC(), options);
  for (const char* column : {"estimate", "std_error"}) {
    const auto& a = fit.tables.at("estimates").DoublesOf(column);
    const auto& b = finer.tables.at("estimates").DoublesOf(column);
    for (size_t r = 0; r < a.size(); ++r) EXPECT_NEAR(a[r], b[r], 1e-6);
  }
}

TEST(LogitIntercept, HermiteRuleIntegratesPolynomials) {
  const HermiteRule rule = GaussHermite(9);
  double expected = std::sqrt(std::numbers::pi);  // of z^0; of z^(2k): times (2k - 1) / 2
  for (int k = 0; k <= 8; ++k) {
    const double sum = (rule.nodes.array().pow(2 * k) * rule.weights.array()).sum();
    EXPECT_NEAR(sum / expected, 1, 1e-11) << k;
    expected *= (2 * k + 1) / 2.0;
  }
}

// Outer nodes have weights far below the rounding of the others.
TEST(LogitIntercept, HermiteRuleOfManyNodes) {
  for (const int points : {40, 99, 198}) {
    const HermiteRule rule = GaussHermite(points);
    EXPECT_NEAR(rule.weights.sum() / std::sqrt(std::numbers::pi), 1, 1e-12) << points;
    // of exp(z^2 / 2)
    const double sum = (rule.weights.array() * (rule.nodes.array().square() / 2).exp()).sum();
    EXPECT_NEAR(sum / std::sqrt(2 * std::numbers::pi), 1, 1e-4) << points;
  }
}

// Few outcomes a level and an SD of 4. R, by the rectangle rule over 4001 values of u in -9 .. 9:
//   i <- 0:599; d <- data.frame(id = i %/% 4, x = sin(1.3 * i))
//   d$b <- as.numeric(.3 * d$x + 4.5 * cos(7 * d$id) + 1.5 * sin(5.7 * i^2) > 3)
//   ln L(b0, b1, sd) = sum over ids of log(sum(exp(colSums(b eta - log1p(exp(eta))) - u^2 / 2)) h),
//   optim(): -239.4403257 at -3.1398895, 0.5738634, 4.0339267; errors 0.5504106, 0.2237535
TEST(LogitIntercept, TooFewNodesAreTold) {
  Table::Doubles id, x, b;
  for (int i = 0; i < 600; ++i) {
    id.push_back(i / 4);
    x.push_back(std::sin(1.3 * i));
    const double latent =
        0.3 * x.back() + 4.5 * std::cos(7.0 * (i / 4)) + 1.5 * std::sin(5.7 * i * i);
    b.push_back(latent > 3 ? 1 : 0);
  }
  Table table;
  table.Add("id", id);
  table.Add("x", x);
  table.Add("b", b);
  FitOptions options;
  options.model = "logit";
  options.formula = "b ~ x + (1 | id)";
  const FitResult few = FitColumns(table, options);  // 15
  ASSERT_TRUE(few.failures.empty()) << few.failures[0].Format();
  EXPECT_GT(few.tables.at("models").DoublesOf("logLik")[0], -239.4403257 + 0.1);
  ASSERT_EQ(few.warnings.size(), 1u);
  EXPECT_NE(few.warnings[0].find("15 nodes of quadrature are too few"), std::string::npos)
      << few.warnings[0];
  EXPECT_NE(few.warnings[0].find("quadrature=30"), std::string::npos) << few.warnings[0];
  options.model_options.quadrature = 80;
  const FitResult many = FitColumns(table, options);
  ASSERT_TRUE(many.failures.empty()) << many.failures[0].Format();
  EXPECT_TRUE(many.warnings.empty());
  EXPECT_NEAR(many.tables.at("models").DoublesOf("logLik")[0], -239.4403257, 1e-4);
  const auto& estimates = many.tables.at("estimates");
  EXPECT_NEAR(estimates.DoublesOf("estimate")[0], -3.1398895, 1e-4);
  EXPECT_NEAR(estimates.DoublesOf("estimate")[1], 0.5738634, 1e-4);
  EXPECT_NEAR(estimates.DoublesOf("std_error")[0], 0.5504106, 1e-4);
  EXPECT_NEAR(estimates.DoublesOf("std_error")[1], 0.2237535, 1e-4);
  options.model_options.quadrature = 5;
  const FitResult none = FitColumns(table, options);
  ASSERT_EQ(none.failures.size(), 1u);
  EXPECT_EQ(none.failures[0].field(), "quadrature");
  EXPECT_NE(none.failures[0].Advice().find("use more nodes: quadrature="), std::string::npos)
      << none.failures[0].Format();
}

// The likelihood at the optimum by the rectangle rule, which is exact for such integrands.
TEST(LogitIntercept, LikelihoodByBruteForce) {
  Table table;
  Table::Doubles y, x;
  Table::Strings g;
  for (int i = 0; i < 300; ++i) {
    x.push_back(std::sin(i * 1.7));
    g.push_back("g" + std::to_string(i / 6));
    y.push_back(std::sin(i * 0.9) + std::sin((i / 6) * 2.3) + 0.5 * x.back() > 0.3 ? 1 : 0);
  }
  table.Add("y", y);
  table.Add("x", x);
  table.Add("g", g);
  FitOptions options;
  options.model = "logit";
  options.formula = "y ~ x + (1 | g)";
  options.model_options.quadrature = 25;
  const auto fit = FitColumns(table, options);
  ASSERT_TRUE(fit.failures.empty());
  const auto& b = fit.tables.at("estimates").DoublesOf("estimate");
  const double sd = fit.tables.at("varcomp").DoublesOf("sd")[0];
  EXPECT_GT(sd, 0.3);
  double log_lik = 0;
  for (int level = 0; level < 50; ++level) {
    double sum = 0;
    for (double u = -9; u <= 9; u += 0.01) {
      double joint = std::exp(-u * u / 2) / std::sqrt(2 * std::numbers::pi) * 0.01;
      for (size_t i = static_cast<size_t>(level) * 6; i < static_cast<size_t>(level + 1) * 6; ++i) {
        const double p = 1 / (1 + std::exp(-b[0] - b[1] * x[i] - sd * u));
        joint *= y[i] == 1 ? p : 1 - p;
      }
      sum += joint;
    }
    log_lik += std::log(sum);
  }
  EXPECT_NEAR(fit.tables.at("models").DoublesOf("logLik")[0], log_lik, 1e-6);
}

// Groups that alternate have less variance than chance: the variance is exactly zero, and all else
// that of the plain regression.
TEST(LogitIntercept, VarianceOfZero) {
  Table table;
  Table::Doubles y, x;
  Table::Strings g;
  for (int i = 0; i < 400; ++i) {
    y.push_back(i % 2);
    x.push_back(std::sin(i * 1.3));
    g.push_back("g" + std::to_string(i / 4));
  }
  table.Add("y", y);
  table.Add("x", x);
  table.Add("g", g);
  FitOptions options;
  options.model = "logit";
  options.formula = "y ~ x + (1 | g)";
  const auto fit = FitColumns(table, options);
  ASSERT_TRUE(fit.failures.empty());
  EXPECT_EQ(fit.tables.at("models").StringsOf("singular")[0], "true");
  options.formula = "y ~ x";
  const auto plain = FitColumns(table, options);
  for (const char* column : {"estimate", "std_error"}) {
    for (size_t r = 0; r < 2; ++r) {
      EXPECT_NEAR(fit.tables.at("estimates").DoublesOf(column)[r],
                  plain.tables.at("estimates").DoublesOf(column)[r], 1e-6);
    }
  }
}

TEST(LogitIntercept, Refuses) {
  for (const char* term : {"(1 + age | m_id)", "(1 | m_id) + (1 | parity)", "(1 | parity/m_id)"}) {
    FitOptions options = Options();
    options.formula = std::string("high_dep ~ age + ") + term;
    EXPECT_THROW(FitColumns(CaseC(), options), Error) << term;
  }
  FitOptions options = Options();
  options.vcov = {"HC0"};
  EXPECT_THROW(FitColumns(CaseC(), options), Error);
  options = Options();
  options.model_options.firth = true;
  EXPECT_THROW(FitColumns(CaseC(), options), Error);
}

}  // namespace
}  // namespace kinflow::family::test
