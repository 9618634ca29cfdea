#pragma once

#include <string>
#include <vector>

#include "stages/family/ols.h"
#include "stages/family/vcov.h"

namespace kinflow::family {

struct TestResult {
  double statistic = 0, df1 = 0, df2 = 0;  // df2 NaN for chi-square
  double p = 0, neg_log10_p = 0;
};

/// Classical tests of two nested least-squares fits on the same rows.
struct NestedTests {
  TestResult f, lrt;
  double delta_r2 = 0, partial_r2 = 0;  // partial: (RSS0 - RSS1) / RSS0
};
NestedTests CompareNested(const OlsFit& reduced, const OlsFit& full);

/// F = b'V^-1 b / q of the design columns `columns` (aliased ones are left out) on (q,
/// vcov.wald_df) degrees of freedom; of CR2 Hotelling's T2 on estimated ones (Pustejovsky and
/// Tipton 2018; clubSandwich's HTZ). NaN if V is singular there, or by CR2 as good as.
TestResult WaldTest(const Coefficients& fit, const Vcov& vcov, const std::vector<size_t>& columns);

struct LinearResult {
  double estimate = 0, std_error = 0, statistic = 0, df = 0;
};
/// L'b with its standard error; `columns` are design columns. NaN if one is aliased. df: wald_df,
/// of CR2 Satterthwaite's.
LinearResult LinearContrast(const Coefficients& fit, const Vcov& vcov,
                            const std::vector<size_t>& columns, const std::vector<double>& weights);

}  // namespace kinflow::family
