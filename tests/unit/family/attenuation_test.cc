#include "stages/family/attenuation.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <random>

#include "stages/family/fit.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kTrios = 200'000;
const std::array<double, 3> kTruth = {0.30, 0.10, 0.20};  // an SD of the true score
const std::array<const char*, 3> kRoles = {"mother", "father", "child"};

/// Trios whose genotypes are measured with noise that child and parents share by `shared`; scores
/// are the expectations given the own measurement, as imputed dosages are. `weights`: share of the
/// score that is noise of its weights, which is passed on like the rest.
struct Simulated {
  Table table;
  double error_correlation = 0;  // between parent and child, of the imputation
};

Simulated Simulate(double info, double weights, double shared, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::array<Table::Doubles, 3> scores;
  Table::Doubles y;
  double parent_child = 0, parent = 0, child = 0;
  // Two independent scores of a trio: what is meant, and the noise.
  const auto trio = [&](double passed) {
    std::array<double, 3> x{normal(random), normal(random), 0};
    x[2] = passed * (x[0] + x[1]) + std::sqrt(1 - 2 * passed * passed) * normal(random);
    return x;
  };
  for (size_t t = 0; t < kTrios; ++t) {
    const auto meant = trio(0.5), noise = trio(0.5), measured = trio(shared);
    std::array<double, 3> error{};
    double mean = 0.8 * normal(random);
    for (size_t i = 0; i < 3; ++i) {
      const double x = meant[i] + std::sqrt(weights / (1 - weights)) * noise[i];
      const double sd = 1 / std::sqrt(1 - weights);
      const double s = info * (x + sd * std::sqrt(1 / info - 1) * measured[i]);
      scores[i].push_back(s);
      error[i] = x - s;
      mean += kTruth[i] * meant[i];
    }
    y.push_back(mean);
    parent_child += error[0] * error[2];
    parent += error[0] * error[0];
    child += error[2] * error[2];
  }
  Simulated out;
  out.table.Add("y", y);
  for (size_t i = 0; i < 3; ++i) out.table.Add(std::string("s.") + kRoles[i], scores[i]);
  if (info < 1) out.error_correlation = parent_child / std::sqrt(parent * child);
  return out;
}

Table Fitted(const Simulated& simulated, double info, double weights, double error_correlation) {
  FitOptions options;
  options.formula = "y ~ s.mother + s.father + s.child";
  options.vcov = {"const"};
  options.outcome_of = "mother";
  auto& attenuation = options.model_options.attenuation;
  attenuation.reliability = 1 - weights;
  attenuation.info = {info, info, info};
  attenuation.error_correlation = error_correlation;
  return FitColumns(simulated.table, options).tables.at("attenuation");
}

size_t RowOf(const Table& table, const std::string& role) {
  for (size_t r = 0; r < table.rows(); ++r) {
    if (table.StringsOf("role")[r] == role && table.StringsOf("model_id")[r] == "trio") return r;
  }
  ADD_FAILURE() << role;
  return 0;
}

void ExpectTruth(const Table& table) {
  for (size_t i = 0; i < 3; ++i) {
    const size_t r = RowOf(table, kRoles[i]);
    const double error = table.DoublesOf("per_true_sd_error")[r];
    EXPECT_NEAR(table.DoublesOf("per_true_sd")[r], kTruth[i], 4 * error) << kRoles[i];
    EXPECT_NEAR(table.DoublesOf("estimate")[r],
                table.DoublesOf("kept")[r] * table.DoublesOf("corrected")[r] +
                    table.DoublesOf("mixed_in")[r],
                1e-12);
  }
}

TEST(Attenuation, ErrorsOfImputationThatAreInherited) {
  const Simulated simulated = Simulate(0.6, 0, 0.5, 1);
  EXPECT_NEAR(simulated.error_correlation, 0.5, 0.01);
  const Table table = Fitted(simulated, 0.6, 0, 0.5);
  ExpectTruth(table);
  // Errors that correlate as genotypes do mix nothing: an amount of score has its own effect.
  for (const char* role : kRoles) EXPECT_NEAR(table.DoublesOf("kept")[RowOf(table, role)], 1, 0.01);
}

TEST(Attenuation, ErrorsOfImputationThatAreNot) {
  const Simulated simulated = Simulate(0.6, 0, 0, 2);
  EXPECT_NEAR(simulated.error_correlation, 0.2, 0.01);
  const Table table = Fitted(simulated, 0.6, 0, simulated.error_correlation);
  ExpectTruth(table);
  const size_t child = RowOf(table, "child");
  EXPECT_LT(table.DoublesOf("kept")[child], 0.95);
  // The plain estimates are beside the truth: the test has something to correct.
  const double plain = table.DoublesOf("estimate")[child] * table.DoublesOf("true_sd")[child];
  EXPECT_GT(std::abs(plain - kTruth[2]), 4 * table.DoublesOf("per_true_sd_error")[child]);
}

TEST(Attenuation, ErrorsOfWeights) {
  const Table table = Fitted(Simulate(1, 0.4, 0.5, 3), 1, 0.4, 0.5);
  ExpectTruth(table);
  for (const char* role : kRoles) {
    EXPECT_NEAR(table.DoublesOf("kept")[RowOf(table, role)], 0.6, 0.01);
  }
}

TEST(Attenuation, Both) {
  const Simulated simulated = Simulate(0.7, 0.3, 0.5, 4);
  ExpectTruth(Fitted(simulated, 0.7, 0.3, 0.5));
}

TEST(Attenuation, OfOneMemberIsThatOfTextbooks) {
  const MatrixXd variance = MatrixXd::Constant(1, 1, 0.64);
  AttenuationOptions options;
  options.reliability = 0.5;
  options.info = {0.64, 1, 1};
  const auto one = AttenuationOf({{"mother"}, variance, variance}, options);
  ASSERT_TRUE(one);
  EXPECT_NEAR(one->kept(0, 0), 0.5, 1e-14);          // classical: the reliability
  EXPECT_NEAR(one->true_sd, std::sqrt(0.5), 1e-14);  // Berkson: none, but the SD is smaller
}

/// Mothers with as many waves each (by default), and scores that waves do not change.
Table Waves(size_t mothers, size_t waves, bool child_varies) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  Table::Doubles y, mother, child, time;
  Table::Ints id;
  for (size_t m = 0; m < mothers; ++m) {
    const double a = normal(random), b = 0.5 * a + normal(random), own = normal(random);
    for (size_t t = 0; t < waves; ++t) {
      id.push_back(static_cast<int64_t>(m));
      time.push_back(static_cast<double>(t));
      mother.push_back(a);
      child.push_back(b + (child_varies ? normal(random) : 0));
      y.push_back(0.3 * a + 0.2 * b + own + 0.1 * static_cast<double>(t) + normal(random));
    }
  }
  Table table;
  table.Add("y", y);
  table.Add("m_id", id);
  table.Add("time", time);
  table.Add("s.mother", mother);
  table.Add("s.child", child);
  return table;
}

FitResult FitWaves(const Table& table, const std::string& model) {
  FitOptions options;
  options.model = model;
  options.formula = "y ~ time + s.mother + s.child";
  options.outcome_of = "mother";
  options.steps = {{"time", "s.mother", "s.child"}};
  if (model == "lmm") options.formula += " + (1 | m_id)";
  if (model == "ols") options.vcov = {"const"};
  options.model_options.attenuation.reliability = 0.8;
  options.model_options.attenuation.info = {0.7, 1, 0.9};
  options.model_options.attenuation.error_correlation = 0.3;
  return FitColumns(table, options);
}

// With as many waves for each mother, and scores that do not change, generalised least squares are
// plain ones.
TEST(Attenuation, OfMixedModelsOnBalancedWavesIsThatOfLeastSquares) {
  const Table table = Waves(400, 4, false);
  const Table lmm = FitWaves(table, "lmm").tables.at("attenuation"),
              ols = FitWaves(table, "ols").tables.at("attenuation");
  ASSERT_EQ(lmm.rows(), 2u);
  for (const char* column :
       {"estimate", "kept", "mixed_in", "corrected", "true_sd", "per_true_sd"}) {
    for (size_t r = 0; r < 2; ++r) {
      const double expected = ols.DoublesOf(column)[r];
      EXPECT_NEAR(lmm.DoublesOf(column)[r], expected, 1e-8 * std::abs(expected)) << column;
    }
  }
  const double ratio = lmm.DoublesOf("corrected_error")[0] / lmm.DoublesOf("std_error")[0];
  EXPECT_NEAR(ratio, ols.DoublesOf("corrected_error")[0] / ols.DoublesOf("std_error")[0], 0.05);
  EXPECT_EQ(lmm.StringsOf("se_type")[0], "model");
}

TEST(Attenuation, OfMixedModelsIsRefusedWhereScoresVaryWithinLevels) {
  const FitResult fit = FitWaves(Waves(100, 3, true), "lmm");
  EXPECT_EQ(fit.tables.at("attenuation").rows(), 0u);
  ASSERT_FALSE(fit.warnings.empty());
  EXPECT_NE(fit.warnings[0].find("s.child varies within levels of m_id"), std::string::npos);
}

TEST(Attenuation, RefusesErrorsLargerThanTheScore) {
  const MatrixXd variance = MatrixXd::Identity(1, 1);
  AttenuationOptions options;
  options.reliability = 0.3;
  EXPECT_FALSE(AttenuationOf({{"mother"}, variance, 0.6 * variance}, options));
}

}  // namespace
}  // namespace kinflow::family
