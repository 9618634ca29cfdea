#include "stages/family/assortative_mating.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kinflow::family {
namespace {

constexpr std::array<const char*, 7> kNames{
    "k", "r_delta", "h2_eq", "rho", "alpha_delta", "alpha_delta_population", "v_eta_delta"};
using Quantities = Eigen::Matrix<double, kNames.size(), 1>;
// direct, indirect, population, h2f, rk
using Inputs = Eigen::Matrix<double, 5, 1>;

Quantities QuantitiesOf(const Inputs& in, double direct_variance, double h2f_se) {
  const double delta = in(0), alpha = in(1), beta = in(2), h2f = in(3), rk = in(4);
  const double noise = h2f_se / h2f;  // 1 / h2f is biased by its squared relative error
  const double k = std::clamp(
      (1 - rk) * (1 - noise * noise) * (delta * delta - direct_variance) / h2f, 0.0, 1.0);
  const double r = rk / (k + (1 - k) * rk);
  const double h2_eq = h2f / (1 - r);
  const double rho = 1 - (1 - k) * r;
  const double alpha_delta = ((rho + k * r) * (alpha / delta) - (1 - rho)) / (1 + r);
  const double share = delta / beta;
  const double from_population = (rho - share) / (share * (1 + r));
  const double v = 2 * (1 + r) * alpha_delta * (1 + alpha_delta) * h2_eq;
  Quantities out;
  out << k, r, h2_eq, rho, alpha_delta, from_population, v;
  return out;
}

}  // namespace

std::vector<AdjustedQuantity> AdjustForAssortment(const ScoreEffects& effects,
                                                  const Assortment& assortment) {
  Inputs at;
  at << effects.value, assortment.h2f, assortment.rk;
  Eigen::Matrix<double, 5, 5> covariance = Eigen::Matrix<double, 5, 5>::Zero();
  covariance.topLeftCorner<3, 3>() = effects.covariance;
  covariance(3, 3) = assortment.h2f_se * assortment.h2f_se;
  covariance(4, 4) = assortment.rk_se * assortment.rk_se;
  const auto value = [&](const Inputs& in) {
    return QuantitiesOf(in, effects.covariance(0, 0), assortment.h2f_se);
  };
  Eigen::Matrix<double, kNames.size(), 5> slopes;
  for (Eigen::Index i = 0; i < 5; ++i) {
    const double h = 1e-5 * std::max(std::abs(at(i)), 1e-2);
    Inputs up = at, down = at;
    up(i) += h;
    down(i) -= h;
    slopes.col(i) = (value(up) - value(down)) / (2 * h);
  }
  const Quantities estimate = value(at);
  std::vector<AdjustedQuantity> out;
  for (Eigen::Index q = 0; q < estimate.size(); ++q) {
    const double variance = slopes.row(q) * covariance * slopes.row(q).transpose();
    out.push_back({kNames[static_cast<size_t>(q)], estimate(q), std::sqrt(variance)});
    if (std::isfinite(estimate(q))) continue;
    out.back().estimate = out.back().std_error = kNan;
  }
  return out;
}

}  // namespace kinflow::family
