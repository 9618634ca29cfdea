#include "stages/family/sem/variants.h"

#include <algorithm>
#include <cmath>

#include "stages/family/reporting.h"
#include "stages/family/tails.h"

namespace kinflow::family {

bool Nested(const Variant& reduced, const Variant& full) {
  return (full.random_intercepts || !reduced.random_intercepts) &&
         (reduced.equal_lags || !full.equal_lags) && (reduced.equal_groups || !full.equal_groups);
}

void AddVariantTests(const Variant& reduced, const Variant& full, const ComparisonRow& row,
                     std::vector<ComparisonRow>& out) {
  const auto df = static_cast<double>(full.model.parameters()) -
                  static_cast<double>(reduced.model.parameters());
  if (!reduced.maximum || !full.maximum || df <= 0) return;
  const double statistic = std::max(0.0, 2 * (full.maximum->log_lik - reduced.maximum->log_lik));
  const Tail tail = UpperChi2(statistic, df);
  AddTest(row, "LRT", {statistic, df, kNa, tail.p, tail.neg_log10}, out);
  if (reduced.random_intercepts || !full.random_intercepts || df != 3) return;
  const auto variance = [&](const char* text) {
    for (const Path& path : full.model.paths) {
      if (full.model.Text(path) == text) return path.parameter;
    }
    return int64_t{0};
  };
  const int64_t x = variance("RIx ~~ RIx"), y = variance("RIy ~~ RIy");
  const Eigen::MatrixXd& v = full.maximum->covariance;
  const double p = ChiBarSquareTail(statistic, v(x, y) / std::sqrt(v(x, x) * v(y, y)));
  AddTest(row, "chibar", {statistic, df, kNa, p, -std::log10(p)}, out);
}

}  // namespace kinflow::family
