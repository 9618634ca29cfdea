#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kinflow::plates {

struct AnovaResult {
  uint64_t n = 0;
  uint32_t levels = 0;
  double f = 0, df1 = 0, df2 = 0, p = 0;  // NaN if there is nothing to test
};

/// One-way analysis of variance (aov of R). Values whose level is `none`, or that are NaN, do not
/// count.
AnovaResult Anova(std::span<const double> values, std::span<const uint32_t> level, uint32_t none);

struct RankSumResult {
  uint64_t n_first = 0, n_second = 0;
  double p = 0;  // NaN if a group is empty or all values are the same
};

/// Wilcoxon's rank sum test, two-sided, normal approximation with ties and without continuity
/// correction (wilcox.test of R with exact = FALSE, correct = FALSE).
RankSumResult RankSum(const std::vector<double>& first, const std::vector<double>& second);

}  // namespace kinflow::plates
