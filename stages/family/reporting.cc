#include "stages/family/reporting.h"

#include <limits>

#include "stages/family/tails.h"

namespace kinflow::family {
namespace {

template <class Row>
void InferRow(const ModelSpec& spec, double df, Row& row) {
  const double used = spec.normal_df ? std::numeric_limits<double>::infinity() : df;
  const Tail tail = TwoSidedT(row.statistic, used);
  row.df = spec.normal_df ? kNa : df;
  row.p_value = tail.p;
  row.neg_log10_p = tail.neg_log10;
  row.conf_level = spec.conf_level;
  const double quantile = spec.fixed_196 ? 1.96 : QuantileT(1 - (1 - spec.conf_level) / 2, used);
  row.conf_low = row.estimate - quantile * row.std_error;
  row.conf_high = row.estimate + quantile * row.std_error;
}

}  // namespace

RowKey KeyOf(const ModelSpec& spec, size_t model) {
  return {spec.analysis_id, spec.plan.models[model].id, spec.formula.response, "NA", spec.pgs};
}

std::string NameOf(const RowKey& key) {
  return key.analysis_id + "/" + key.model_id + (key.pgs == "NA" ? "" : "/" + key.pgs);
}

std::string EffectOf(const Formula& formula, const ModelFrame& frame, const std::string& role) {
  if (!IsMemberRole(role)) return "NA";
  bool others = false;
  for (const auto& term : formula.terms) {
    const auto info = TermInfo(formula, term, frame);
    others = others || (IsMemberRole(info.role) && info.role != role);
  }
  if (!others) return "total";
  if (frame.outcome_of.empty()) return "NA";
  return role == frame.outcome_of ? "direct" : "indirect";
}

void AddCounts(const RowKey& key, const ModelFrame& frame, const RowSelection& selection,
               std::vector<CountRow>& out) {
  const auto add = [&](const char* quantity, const std::string& reason, uint64_t count) {
    out.push_back({key, quantity, reason, static_cast<int64_t>(count)});
  };
  add("n_input", "NA", selection.n_input);
  for (const auto& [reason, count] : selection.dropped) add("n_dropped", reason, count);
  add("n_used", "NA", selection.rows.size());
  if (!frame.cluster.empty()) add("n_clusters", "NA", selection.n_clusters);
  if (!frame.mother.empty()) add("n_mothers", "NA", selection.n_mothers);
  if (!frame.pregnancy.empty()) add("n_pregnancies", "NA", selection.n_pregnancies);
}

void Infer(const ModelSpec& spec, double df, EstimateRow& row) { InferRow(spec, df, row); }
void Infer(const ModelSpec& spec, double df, ContrastRow& row) { InferRow(spec, df, row); }

}  // namespace kinflow::family
