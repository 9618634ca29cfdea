#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stages/family/fixed_by_one.h"
#include "stages/family/ols.h"

namespace kinflow::family {

class Satterthwaite;

/// Covariance estimators of OLS coefficients, by clubSandwich's names.
enum class VcovType { kConst, kHc0, kHc1, kHc2, kHc3, kCr0, kCr1, kCr1s, kCr2, kCr3 };

const char* VcovName(VcovType type);
std::optional<VcovType> FindVcov(std::string_view name);
/// Names of all types, for schemas and hints.
std::vector<std::string> VcovNames();
bool IsClustered(VcovType type);

struct Vcov {
  VcovType type = VcovType::kConst;
  size_t rank = 0;
  std::vector<double> values;  // rank x rank by Coefficients::position; NaN if `reason` is set
  std::vector<double> df;      // of each used coefficient: n-k, G-1, or Satterthwaite (CR2)
  double wald_df = 0;          // denominator of robust Wald tests: n-k or G-1
  std::string reason;          // why it cannot be computed; "" = fine
  std::vector<uint8_t> fixed;  // of each used coefficient: 1 = its values are NaN; empty = none are
  std::string fixed_reason;    // why they are
  std::shared_ptr<const Satterthwaite> satterthwaite;  // CR2 of least squares: df of combinations

  double At(size_t i, size_t j) const { return values[j * rank + i]; }
  /// Why the error of a used coefficient is missing; "" = it is there.
  const std::string& ReasonOf(size_t i) const {
    return reason.empty() && !fixed.empty() && fixed[i] != 0 ? fixed_reason : reason;
  }
};

/// The values of coefficients that one cluster (row, if not `clustered`) alone fixes become NaN.
/// `fixed`: one a coefficient in use.
void RefuseFixed(std::vector<uint8_t> fixed, bool clustered, Vcov& vcov);

/// "CR1S standard errors of 1 of 3 coefficients are NA: ..."; "" = none is.
std::string MissingErrors(const Vcov& vcov, const std::string& name);

/// Clusters of the way that has fewer.
size_t FewestClusters(const Design& design);

/// Clustered errors are sums over clusters: no more of these than parameters span less than the
/// parameters do, and errors and p values come out too small. Then sets `reason` and NaN values.
/// Parameters that a cluster alone fixes (fixed effects of clusters) do not count.
void RefuseFewClusters(size_t clusters, size_t parameters, Vcov& vcov);

/// With a second cluster, clustered errors are two-way (Cameron, Gelbach and Miller 2011): the meat
/// of either way less that of both together, each with its own number of clusters. CR0, CR1 and
/// CR1S only; degrees of freedom are those of the way with fewer clusters.
Vcov CovarianceOf(const Design& design, const OlsFit& fit, VcovType type);

}  // namespace kinflow::family
