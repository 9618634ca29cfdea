#pragma once

#include <vector>

#include "stages/family/nested.h"

namespace kinflow::family {

/// Values of an outcome by group; every group has at least two, and not all are equal.
using GroupValues = std::vector<std::vector<double>>;

double MeanOf(const std::vector<double>& values);
double VarianceOf(const std::vector<double>& values);  // divisor n - 1

struct OneWay {
  TestResult f;
  double eta2 = 0, mean_square_error = 0;
};
OneWay OneWayAnova(const GroupValues& groups);
/// Without equal variances (Welch 1951); NaN if a group has no variance.
TestResult WelchTest(const GroupValues& groups);
/// Of ranks, corrected for ties; chi-square.
TestResult KruskalWallis(const GroupValues& groups);
/// One-way F of distances from the groups' medians (Brown & Forsythe 1974).
TestResult LeveneTest(const GroupValues& groups);

/// P(Q >= q) of the studentised range of `groups` means on `df` degrees of freedom.
double StudentisedRangeTail(double q, double groups, double df);
/// q with P(Q <= q) = probability.
double StudentisedRangeQuantile(double probability, double groups, double df);

}  // namespace kinflow::family
