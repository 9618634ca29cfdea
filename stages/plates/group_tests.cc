#include "stages/plates/group_tests.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "stages/family/tails.h"

namespace kinflow::plates {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

}  // namespace

AnovaResult Anova(std::span<const double> values, std::span<const uint32_t> level, uint32_t none) {
  std::vector<double> sum, n;
  double total = 0, count = 0;
  const auto counts = [&](size_t i) { return level[i] != none && !std::isnan(values[i]); };
  for (size_t i = 0; i < values.size(); ++i) {
    if (!counts(i)) continue;
    if (level[i] >= sum.size()) {
      sum.resize(level[i] + 1, 0);
      n.resize(level[i] + 1, 0);
    }
    sum[level[i]] += values[i];
    ++n[level[i]];
    total += values[i];
    ++count;
  }
  AnovaResult result;
  result.n = static_cast<uint64_t>(count);
  double between = 0, within = 0;
  for (size_t k = 0; k < sum.size(); ++k) {
    if (n[k] == 0) continue;
    ++result.levels;
    between += n[k] * std::pow(sum[k] / n[k] - total / count, 2);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (counts(i)) within += std::pow(values[i] - sum[level[i]] / n[level[i]], 2);
  }
  result.df1 = static_cast<double>(result.levels) - 1;
  result.df2 = count - static_cast<double>(result.levels);
  const bool testable = result.df1 > 0 && result.df2 > 0 && within > 0;
  result.f = testable ? between / result.df1 / (within / result.df2) : kNone;
  result.p = family::UpperF(result.f, result.df1, result.df2).p;
  return result;
}

RankSumResult RankSum(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<std::pair<double, bool>> all;
  for (const double x : first) all.emplace_back(x, true);
  for (const double x : second) all.emplace_back(x, false);
  std::sort(all.begin(), all.end());
  RankSumResult result{first.size(), second.size(), kNone};
  const auto n1 = static_cast<double>(first.size()), n2 = static_cast<double>(second.size());
  double ranks = 0, ties = 0;
  for (size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    while (end < all.size() && all[end].first == all[begin].first) ++end;
    const double middle = static_cast<double>(begin + end + 1) / 2;
    const auto t = static_cast<double>(end - begin);
    ties += t * t * t - t;
    for (size_t i = begin; i < end; ++i) ranks += all[i].second ? middle : 0;
  }
  const double n = n1 + n2;
  const double variance = n1 * n2 / 12 * (n + 1 - ties / (n * (n - 1)));
  if (n1 == 0 || n2 == 0 || !(variance > 0)) return result;
  const double z = (ranks - n1 * (n1 + 1) / 2 - n1 * n2 / 2) / std::sqrt(variance);
  result.p = family::TwoSidedT(z, std::numeric_limits<double>::infinity()).p;
  return result;
}

}  // namespace kinflow::plates
