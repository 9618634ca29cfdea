// Case S2: closed forms of the adjustment for assortative mating, and its standard errors.
#include "stages/family/assortative_mating.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <map>

namespace kinflow::family::test {
namespace {

std::map<std::string, AdjustedQuantity> Adjust(const ScoreEffects& effects,
                                               const Assortment& assortment) {
  std::map<std::string, AdjustedQuantity> out;
  for (auto& row : AdjustForAssortment(effects, assortment)) out[row.name] = row;
  return out;
}

ScoreEffects CaseS2() {
  ScoreEffects effects;
  effects.value << .502220, .072822, .587392;
  return effects;
}

TEST(AssortativeMating, CaseS2) {
  const auto rows = Adjust(CaseS2(), {.4189, 0, .169591, 0});
  const std::map<std::string, double> expected{{"k", .5},          {"r_delta", .29},
                                               {"h2_eq", .59},     {"rho", .855},
                                               {"alpha_delta", 0}, {"alpha_delta_population", 0},
                                               {"v_eta_delta", 0}};
  ASSERT_EQ(rows.size(), expected.size());
  for (const auto& [name, value] : expected) {
    EXPECT_NEAR(rows.at(name).estimate, value, 5e-6) << name;
    EXPECT_EQ(rows.at(name).std_error, 0) << name;
  }
}

// Simulated truth: the errors are those that draws of the inputs show.
TEST(AssortativeMating, ErrorsAreThoseOfJointDraws) {
  ScoreEffects effects = CaseS2();
  effects.value(1) = .12;  // away from zero, where v_eta_delta is flat
  effects.covariance << 4e-6, -2e-6, 1e-6, -2e-6, 3e-6, 1e-6, 1e-6, 1e-6, 2e-6;
  const Assortment assortment{.4189, .004, .169591, .003};
  const auto rows = Adjust(effects, assortment);

  const Eigen::Matrix3d half = effects.covariance.llt().matrixL();
  uint64_t state = 1;
  const auto normal = [&state] {
    double sum = 0;  // of 12 uniforms
    for (int i = 0; i < 12; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      sum += static_cast<double>(state >> 11) / 9007199254740992.0;
    }
    return sum - 6;
  };
  constexpr int kDraws = 20000;
  std::map<std::string, std::pair<double, double>> sums;
  for (int draw = 0; draw < kDraws; ++draw) {
    ScoreEffects moved = effects;
    const double a = normal(), b = normal(), c = normal();
    moved.value += half * Eigen::Vector3d(a, b, c);
    Assortment other = assortment;
    other.h2f += other.h2f_se * normal();
    other.rk += other.rk_se * normal();
    for (const auto& [name, row] : Adjust(moved, other)) {
      sums[name].first += row.estimate;
      sums[name].second += row.estimate * row.estimate;
    }
  }
  for (const auto& [name, sum] : sums) {
    const double mean = sum.first / kDraws;
    const double sd = std::sqrt(sum.second / kDraws - mean * mean);
    EXPECT_NEAR(rows.at(name).std_error / sd, 1, .03) << name;
  }
}

TEST(AssortativeMating, AScoreThatExplainsNothingHasNoAnswer) {
  ScoreEffects effects = CaseS2();
  effects.value(0) = .01;
  effects.covariance(0, 0) = .02 * .02;
  const auto rows = Adjust(effects, {.4189, 0, .169591, 0});
  EXPECT_EQ(rows.at("k").estimate, 0);
  EXPECT_TRUE(std::isnan(rows.at("h2_eq").estimate));
  EXPECT_TRUE(std::isnan(rows.at("h2_eq").std_error));
}

}  // namespace
}  // namespace kinflow::family::test
