#include "stages/scores/adjust/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numeric>

#include "pipeline/base/nan.h"

namespace kinflow {

Table AdjustmentTable(const std::vector<ScoreAccount>& accounts, const AdjustOptions& options) {
  Table::Strings score, kind, collinear, scale_on, error, message, remedy;
  Table::Ints n, n_dropped, n_coefficients, scale_n;
  Table::Doubles r2, mean, sd;
  for (const ScoreAccount& a : accounts) {
    const bool scaled = options.standardise && !a.fault;
    score.push_back(a.score);
    kind.push_back(a.kind);
    n.push_back(a.fault ? 0 : a.n);
    n_dropped.push_back(a.n_dropped);
    n_coefficients.push_back(a.n_coefficients);
    r2.push_back(a.r2);
    collinear.push_back(a.collinear.empty() ? "NA"
                                            : fmt::format("{}", fmt::join(a.collinear, ",")));
    scale_on.push_back(scaled ? FitOnName(options.scale_on) : "NA");
    scale_n.push_back(scaled ? a.scale.n : Table::kMissingInt);
    mean.push_back(scaled ? a.scale.mean : kNan);
    sd.push_back(scaled ? a.scale.sd : kNan);
    error.push_back(a.fault ? ErrorName(a.fault->id()) : "NA");
    message.push_back(a.fault ? a.fault->OneLine() : "NA");
    remedy.push_back(a.fault ? a.fault->Advice() : "NA");
  }
  Table table;
  table.Add("SCORE", std::move(score));
  table.Add("KIND", std::move(kind));
  table.Add("N", std::move(n));
  table.Add("N_DROPPED", std::move(n_dropped));
  table.Add("N_COEFFICIENTS", std::move(n_coefficients));
  table.Add("R2", std::move(r2));
  table.Add("COLLINEAR", std::move(collinear));
  table.Add("SCALE_ON", std::move(scale_on));
  table.Add("SCALE_N", std::move(scale_n));
  table.Add("MEAN", std::move(mean));
  table.Add("SD", std::move(sd));
  table.Add("ERROR", std::move(error));
  table.Add("MESSAGE", std::move(message));
  table.Add("REMEDY", std::move(remedy));
  return table;
}

std::vector<std::string> CovariateWarnings(const std::vector<ScoreAccount>& accounts) {
  std::vector<std::string> warnings;
  const ScoreAccount *collinear = nullptr, *dropped = nullptr;
  for (const ScoreAccount& a : accounts) {
    if (collinear == nullptr && !a.collinear.empty()) collinear = &a;
    if (a.n_dropped > 0 && (dropped == nullptr || a.n_dropped > dropped->n_dropped)) dropped = &a;
  }
  if (collinear != nullptr) {
    warnings.push_back(fmt::format(
        "covariates of scores that follow from the others, or are constant, were left out: {} "
        "(the residuals are the same without them)",
        fmt::join(collinear->collinear, ", ")));
  }
  if (dropped != nullptr) {
    warnings.push_back(fmt::format(
        "up to {} people with a sum have no adjusted score (score {}): a covariate is missing, or "
        "they are alone in a group of a factor",
        dropped->n_dropped, dropped->score));
  }
  return warnings;
}

void CompositeTables::Add(const CompositeOptions& options, const Composite& composite) {
  const auto scores = static_cast<double>(options.of.size());
  for (size_t i = 0; i < options.of.size(); ++i) {
    loadings_.composite.push_back(options.name);
    loadings_.fit_on.emplace_back(FitOnName(options.fit_on));
    loadings_.n.push_back(composite.n);
    loadings_.score.push_back(options.of[i]);
    loadings_.mean.push_back(composite.scales[i].mean);
    loadings_.sd.push_back(composite.scales[i].sd);
    loadings_.loading.push_back(composite.loadings[i]);
    loadings_.correlation.push_back(composite.loadings[i] * std::sqrt(composite.eigenvalues[0]));
    loadings_.explained.push_back(composite.eigenvalues[0] / scores);
  }
  for (size_t i = 0; i < composite.eigenvalues.size(); ++i) {
    components_.composite.push_back(options.name);
    components_.n.push_back(composite.n);
    components_.component.push_back(static_cast<int64_t>(i) + 1);
    components_.eigenvalue.push_back(composite.eigenvalues[i]);
    components_.explained.push_back(composite.eigenvalues[i] / scores);
  }
}

Table CompositeTables::Loadings() const {
  Table table;
  table.Add("COMPOSITE", loadings_.composite);
  table.Add("METHOD", Table::Strings(loadings_.composite.size(), "pc1"));
  table.Add("FIT_ON", loadings_.fit_on);
  table.Add("N", loadings_.n);
  table.Add("SCORE", loadings_.score);
  table.Add("MEAN", loadings_.mean);
  table.Add("SD", loadings_.sd);
  table.Add("LOADING", loadings_.loading);
  table.Add("CORRELATION", loadings_.correlation);
  table.Add("VAR_EXPLAINED", loadings_.explained);
  return table;
}

Table CompositeTables::Components() const {
  Table table;
  table.Add("COMPOSITE", components_.composite);
  table.Add("N", components_.n);
  table.Add("COMPONENT", components_.component);
  table.Add("EIGENVALUE", components_.eigenvalue);
  table.Add("VAR_EXPLAINED", components_.explained);
  return table;
}

std::vector<double> OfKept(const std::vector<double>& by_sample, const std::vector<uint8_t>& kept) {
  std::vector<double> out;
  for (size_t i = 0; i < by_sample.size(); ++i) {
    if (kept[i] != 0) out.push_back(by_sample[i]);
  }
  return out;
}

}  // namespace kinflow
