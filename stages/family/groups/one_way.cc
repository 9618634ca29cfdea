#include "stages/family/groups/one_way.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <numbers>

#include "pipeline/base/nan.h"
#include "stages/family/f_test.h"

namespace kinflow::family {
namespace {

double CountOf(const GroupValues& groups) {
  double n = 0;
  for (const auto& group : groups) n += static_cast<double>(group.size());
  return n;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double NormalCdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

// Integral over [low, high] in panels of Gauss-Legendre.
template <class F>
double Integrate(const F& f, double low, double high, int panels) {
  double sum = 0;
  const double width = (high - low) / panels;
  for (int i = 0; i < panels; ++i) {
    sum += boost::math::quadrature::gauss<double, 30>::integrate(f, low + i * width,
                                                                 low + (i + 1) * width);
  }
  return sum;
}

// P(range of `groups` standard normals > w), over the largest of them; no difference from 1, so
// that small ones keep their digits.
double RangeTail(double w, double groups) {
  if (w > 52) return 0;  // below 1e-290
  const auto density = [&](double z) {
    const double below = NormalCdf(z), far_below = NormalCdf(z - w);
    return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi) * std::pow(below, groups - 1) *
           -std::expm1((groups - 1) * std::log1p(-far_below / below));
  };
  const double high = 8 + w / 2;
  return std::min(1.0, groups * Integrate(density, -8, high, static_cast<int>(4 + w / 8)));
}

}  // namespace

double MeanOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double VarianceOf(const std::vector<double>& values) {
  const double mean = MeanOf(values);
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return sum / static_cast<double>(values.size() - 1);
}

OneWay OneWayAnova(const GroupValues& groups) {
  const double n = CountOf(groups), k = static_cast<double>(groups.size());
  double grand = 0, within = 0, between = 0, squares = 0;
  for (const auto& group : groups) grand += MeanOf(group) * static_cast<double>(group.size()) / n;
  for (const auto& group : groups) {
    const double size = static_cast<double>(group.size()), d = MeanOf(group) - grand;
    between += size * d * d;
    within += VarianceOf(group) * (size - 1);
    for (const double v : group) squares += v * v;
  }
  OneWay out;
  if (within <= squares * 1e-28) {  // rounding noise
    out.mean_square_error = kNan;
    out.eta2 = between > 0 ? 1 : kNan;
    out.f = {kNan, k - 1, n - k, kNan, kNan};
    return out;
  }
  out.mean_square_error = within / (n - k);
  out.eta2 = between / (between + within);
  out.f = FTest(between / (k - 1) / out.mean_square_error, k - 1, n - k);
  return out;
}

TestResult WelchTest(const GroupValues& groups) {
  const double k = static_cast<double>(groups.size());
  double total = 0, centre = 0;
  std::vector<double> weight;
  for (const auto& group : groups) {
    const double variance = VarianceOf(group);
    if (!(variance > 0)) return {kNan, k - 1, kNan, kNan, kNan};
    weight.push_back(static_cast<double>(group.size()) / variance);
    total += weight.back();
    centre += weight.back() * MeanOf(group);
  }
  centre /= total;
  double between = 0, lambda = 0;
  for (size_t g = 0; g < groups.size(); ++g) {
    const double d = MeanOf(groups[g]) - centre, share = 1 - weight[g] / total;
    between += weight[g] * d * d;
    lambda += share * share / (static_cast<double>(groups[g].size()) - 1);
  }
  lambda /= k * k - 1;
  const double statistic = between / (k - 1) / (1 + 2 * (k - 2) * lambda);
  return FTest(statistic, k - 1, 1 / (3 * lambda));
}

TestResult KruskalWallis(const GroupValues& groups) {
  std::vector<std::pair<double, size_t>> values;
  for (size_t g = 0; g < groups.size(); ++g) {
    for (const double v : groups[g]) values.emplace_back(v, g);
  }
  std::sort(values.begin(), values.end());
  std::vector<double> rank_sums(groups.size(), 0.0);
  double ties = 0;
  for (size_t begin = 0, end = 0; begin < values.size(); begin = end) {
    while (end < values.size() && values[end].first == values[begin].first) ++end;
    const auto t = static_cast<double>(end - begin);
    ties += t * t * t - t;
    for (size_t i = begin; i < end; ++i) {
      rank_sums[values[i].second] += static_cast<double>(begin + end + 1) / 2;
    }
  }
  const auto n = static_cast<double>(values.size()), k = static_cast<double>(groups.size());
  double sum = 0;
  for (size_t g = 0; g < groups.size(); ++g) {
    sum += rank_sums[g] * rank_sums[g] / static_cast<double>(groups[g].size());
  }
  const double statistic = (12 * sum / (n * (n + 1)) - 3 * (n + 1)) / (1 - ties / (n * n * n - n));
  const Tail tail = UpperChi2(statistic, k - 1);
  return {statistic, k - 1, kNan, tail.p, tail.neg_log10};
}

TestResult LeveneTest(const GroupValues& groups) {
  GroupValues distances;
  for (const auto& group : groups) {
    const double median = Median(group);
    distances.emplace_back();
    for (const double v : group) distances.back().push_back(std::abs(v - median));
  }
  return OneWayAnova(distances).f;
}

double StudentisedRangeTail(double q, double groups, double df) {
  if (std::isnan(q)) return kNan;
  if (!(q > 0)) return 1;
  // Over the logarithm of s = sqrt(chi-square / df). Below `low` the range exceeds q s for certain,
  // or s has no mass; small tails come from small s.
  const boost::math::chi_squared chi(df);
  const double low = std::max(1e-5 / q, std::sqrt(boost::math::quantile(chi, 1e-300) / df));
  const double high = std::sqrt(boost::math::quantile(boost::math::complement(chi, 1e-14)) / df);
  if (low >= high) return 1;
  const auto tail = [&](double log_s) {
    const double s = std::exp(log_s), chi2 = df * s * s;
    return 2 * chi2 * boost::math::pdf(chi, chi2) * RangeTail(q * s, groups);
  };
  const double below = boost::math::cdf(chi, df * low * low);
  return std::clamp(below + Integrate(tail, std::log(low), std::log(high), 24), 0.0, 1.0);
}

double StudentisedRangeQuantile(double probability, double groups, double df) {
  const auto excess = [&](double q) {
    return StudentisedRangeTail(q, groups, df) - (1 - probability);
  };
  double high = 10;
  while (excess(high) > 0) high *= 2;
  std::uintmax_t steps = 60;
  const auto [a, b] = boost::math::tools::toms748_solve(
      excess, 0.0, high, probability, excess(high),
      [](double x, double y) { return std::abs(y - x) <= 1e-12 * y; }, steps);
  return (a + b) / 2;
}

}  // namespace kinflow::family
