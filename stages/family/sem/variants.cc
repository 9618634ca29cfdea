#include "stages/family/sem/variants.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <map>

#include "stages/family/reporting.h"
#include "stages/family/sem/chi_bar_square.h"
#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

/// Parameters of the random intercepts' variances, by group.
std::map<std::string, std::vector<int64_t>> InterceptVariances(const PathModel& model) {
  std::map<std::string, std::vector<int64_t>> out;
  for (const Path& path : model.paths) {
    if (path.kind != Path::kCovariance || path.to != path.from || path.parameter < 0) continue;
    const std::string name = model.Left(path);  // RIx@group
    const bool latent = path.to >= model.observed.size();
    if (latent && name.starts_with("RI")) out[name.substr(3)].push_back(path.parameter);
  }
  return out;
}

// The estimates' covariance as if none were at its bound: the weights are of the cone that the
// bounds make. NaN where the likelihood is not curved there.
Eigen::MatrixXd Unbounded(const SemMaximum& at) {
  if (at.at_bound.empty()) return at.covariance;
  const auto k = at.information.rows();
  const Eigen::LLT<Eigen::MatrixXd> llt(at.information);
  if (llt.info() != Eigen::Success) return Eigen::MatrixXd::Constant(k, k, kNa);
  return llt.solve(Eigen::MatrixXd::Identity(k, k));
}

double ParametersLess(const Variant& reduced, const Variant& full) {
  return static_cast<double>(full.model.parameters()) -
         static_cast<double>(reduced.model.parameters());
}

}  // namespace

bool Nested(const Variant& reduced, const Variant& full) {
  return (full.random_intercepts || !reduced.random_intercepts) &&
         (reduced.equal_lags || !full.equal_lags) && (reduced.equal_groups || !full.equal_groups) &&
         (reduced.equal_innovations || !full.equal_innovations) &&
         (reduced.equal_means || !full.equal_means) &&
         (reduced.equal_predictors || !full.equal_predictors);
}

double DifferenceScaling(const Variant& reduced, const Variant& full) {
  if (!reduced.scaling_trace || !full.scaling_trace) return kNa;
  const double scaling =
      (*full.scaling_trace - *reduced.scaling_trace) / ParametersLess(reduced, full);
  return scaling > 0 ? scaling : kNa;
}

void AddVariantTests(const Variant& reduced, const Variant& full, const ComparisonRow& row,
                     std::optional<double> scaling, std::vector<ComparisonRow>& out) {
  const double df = ParametersLess(reduced, full);
  if (!reduced.maximum || !full.maximum || df <= 0) return;
  const double statistic =
      std::max(0.0, 2 * (full.maximum->log_lik - reduced.maximum->log_lik)) / scaling.value_or(1);
  const std::string ending = scaling ? "-scaled" : "";
  const bool known = !std::isnan(statistic);
  const Tail tail = known ? UpperChi2(statistic, df) : Tail{kNa, kNa};
  AddTest(row, "LRT" + ending, {statistic, df, kNa, tail.p, tail.neg_log10}, out);
  // Lags that groups share make the variances of one group depend on those of the others.
  if (reduced.random_intercepts || !full.random_intercepts || full.equal_groups) return;
  const Eigen::MatrixXd inverse = Unbounded(*full.maximum);
  std::vector<double> weights{1};
  for (const auto& [group, variances] : InterceptVariances(full.model)) {
    const Eigen::MatrixXd v = inverse(variances, variances);
    weights = Convolve(weights, ChiBarWeights(v));
  }
  const double variances = static_cast<double>(weights.size()) - 1;
  const double p = known ? ChiBarSquareTail(statistic, weights, df - variances) : kNa;
  AddTest(row, "chibar" + ending, {statistic, df, kNa, p, -std::log10(p)}, out);
}

}  // namespace kinflow::family
