#include "stages/scores/adjust/ancestry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/nan.h"
#include "stages/scores/adjust/reference.h"

namespace kinflow {
namespace {

/// The scores of one population: sorted, with mean and SD (n).
struct Population {
  std::vector<double> sorted;
  double mean = 0, sd = 0;
};

std::map<std::string, Population> PopulationsOf(const std::vector<double>& y,
                                                const std::vector<std::string>& group) {
  std::map<std::string, Population> out;
  for (size_t i = 0; i < group.size(); ++i) out[group[i]].sorted.push_back(y[i]);
  for (auto& [label, p] : out) {
    std::sort(p.sorted.begin(), p.sorted.end());
    const auto n = static_cast<double>(p.sorted.size());
    for (const double v : p.sorted) p.mean += v / n;
    for (const double v : p.sorted) p.sd += (v - p.mean) * (v - p.mean) / n;
    p.sd = std::sqrt(p.sd);
  }
  return out;
}

}  // namespace

AncestryInput PlacesOf(const Table& columns, const AncestryOptions& options) {
  AncestryInput input;
  const auto column = [&](const std::string& name) -> const Table::Column& {
    return columns.column(static_cast<size_t>(columns.Find(name)));
  };
  for (uint32_t k = 1; k <= options.pcs; ++k) {
    const Table::Column& pc = column(fmt::format("PC{}", k));
    if (const auto* doubles = std::get_if<Table::Doubles>(&pc)) {
      input.pcs.push_back(*doubles);
      continue;
    }
    input.pcs.emplace_back();
    for (const int64_t v : std::get<Table::Ints>(pc)) {
      input.pcs.back().push_back(v == Table::kMissingInt ? kNan : static_cast<double>(v));
    }
  }
  if (options.group.empty()) return input;
  const Table::Column& group = column(options.group);
  if (const auto* text = std::get_if<Table::Strings>(&group)) {
    input.group = *text;
    return input;
  }
  const int64_t at = columns.Find(options.group);
  for (size_t r = 0; r < columns.rows(); ++r) {
    input.group.push_back(columns.Cell(r, static_cast<size_t>(at)));
  }
  return input;
}

std::vector<std::pair<std::string, const std::vector<double>*>> ColumnsOf(
    const AncestryScores& scores) {
  return {{"PERCENTILE_POP", &scores.percentile},
          {"Z_POP", &scores.z_pop},
          {"Z_NORM1", &scores.z_norm1},
          {"Z_NORM2", &scores.z_norm2}};
}

AncestryNormaliser::AncestryNormaliser(const AncestryOptions& options, const AncestryInput& input,
                                       const Cohort& cohort)
    : options_(options), input_(input), fit_on_(SamplesOf(cohort, options.fit_on)) {}

AncestryNormaliser::Training AncestryNormaliser::TrainingOf(const std::vector<double>& values,
                                                            const std::string& score) const {
  Training out;
  out.pcs.resize(options_.pcs);
  const auto add = [&](const std::vector<std::vector<double>>& pcs,
                       const std::vector<std::string>& group, double y, size_t i) {
    if (std::isnan(y)) return;
    for (const auto& pc : pcs) {
      if (std::isnan(pc[i])) return;
    }
    out.y.push_back(y);
    for (size_t k = 0; k < pcs.size(); ++k) out.pcs[k].push_back(pcs[k][i]);
    if (!group.empty()) out.group.push_back(group[i]);
  };
  if (!input_.panel) {
    for (const uint32_t s : fit_on_) add(input_.pcs, input_.group, values[s], s);
    return out;
  }
  const AncestryPanel& panel = *input_.panel;
  const auto at = std::find(panel.scores.begin(), panel.scores.end(), score);
  if (at == panel.scores.end()) {
    throw Error(ErrorId::kModelFailed,
                fmt::format("the reference panel has no column for score {}", score))
        .Field("scores.adjust.ancestry.reference")
        .Remedy("score the panel with the same weights and add the column");
  }
  const auto& y = panel.values[static_cast<size_t>(at - panel.scores.begin())];
  for (size_t i = 0; i < y.size(); ++i) add(panel.pcs, panel.group, y[i], i);
  return out;
}

AncestryScores AncestryNormaliser::Of(const std::vector<double>& values, const std::string& score) {
  const Training training = TrainingOf(values, score);
  const AncestryFit fit = FitAncestry(training.y, training.pcs, score);
  Tell(score, fit);
  const auto populations = PopulationsOf(training.y, training.group);
  for (const auto& [label, p] : populations) {
    models_.score.push_back(score);
    models_.model.emplace_back("population");
    models_.term.push_back(label);
    models_.n.push_back(static_cast<int64_t>(p.sorted.size()));
    models_.estimate.push_back(p.mean);
    models_.sd.push_back(p.sd);
  }
  AncestryScores out;
  for (auto* column : {&out.percentile, &out.z_pop, &out.z_norm1, &out.z_norm2}) {
    column->assign(values.size(), kNan);
  }
  out.settled = fit.converged;
  std::map<std::string, uint64_t> strangers;
  for (size_t s = 0; s < values.size(); ++s) {
    if (std::isnan(values[s])) continue;
    std::vector<double> pcs;
    for (const auto& pc : input_.pcs) pcs.push_back(pc[s]);
    out.z_norm1[s] = fit.ZNorm1(values[s], pcs);
    if (fit.converged) out.z_norm2[s] = fit.ZNorm2(values[s], pcs);
    if (input_.group.empty()) continue;
    const auto population = populations.find(input_.group[s]);
    if (population == populations.end()) {
      if (input_.group[s] != "NA") ++strangers[input_.group[s]];
      continue;
    }
    out.percentile[s] = PercentileAmong(values[s], population->second.sorted);
    // A population of one value has no scale.
    const double sd = population->second.sd;
    if (sd > 0) out.z_pop[s] = (values[s] - population->second.mean) / sd;
  }
  TellStrangers(strangers);
  return out;
}

void AncestryNormaliser::TellStrangers(const std::map<std::string, uint64_t>& people_by_label) {
  if (people_by_label.empty()) return;
  constexpr size_t kNamed = 5;
  uint64_t people = 0;
  std::vector<std::string> labels;
  for (const auto& [label, n] : people_by_label) {
    people += n;
    if (labels.size() < kNamed) labels.push_back(label);
  }
  std::string warning = fmt::format(
      "{} people belong to {} populations that the reference people lack ({}{}): they have no "
      "PERCENTILE_POP and Z_POP; use the labels of the reference people, or reference people of "
      "these",
      people, people_by_label.size(), fmt::join(labels, ", "),
      people_by_label.size() > kNamed ? ", ..." : "");
  if (std::find(warnings_.begin(), warnings_.end(), warning) == warnings_.end()) {
    warnings_.push_back(std::move(warning));
  }
}

void AncestryNormaliser::Tell(const std::string& score, const AncestryFit& fit) {
  const auto add = [&](const char* model, const std::string& term, double estimate, double sd) {
    models_.score.push_back(score);
    models_.model.emplace_back(model);
    models_.term.push_back(term);
    models_.n.push_back(fit.n);
    models_.estimate.push_back(estimate);
    models_.sd.push_back(sd);
  };
  const auto coefficients = [&](const char* model, const std::vector<double>& values, double sd) {
    for (size_t k = 0; k < values.size(); ++k) {
      add(model, k == 0 ? "(Intercept)" : fmt::format("PC{}", k), values[k], k == 0 ? sd : kNan);
    }
  };
  add("offset", "mean", fit.offset, kNan);
  coefficients("ols", fit.ols, fit.residual_sd);
  coefficients("mean", fit.mean, kNan);
  coefficients("log_variance", fit.log_variance, kNan);
  add("nll", fit.converged ? "converged" : "not_converged", fit.nll, kNan);
  if (!fit.converged) {
    warnings_.push_back(fmt::format(
        "score {}: the variance by principal components did not settle: Z_NORM2 is NA; take fewer "
        "principal components, more people to fit on, or Z_NORM1",
        score));
  }
}

Table AncestryNormaliser::Models() const {
  Table table;
  table.Add("SCORE", models_.score);
  table.Add("MODEL", models_.model);
  table.Add("TERM", models_.term);
  table.Add("N", models_.n);
  table.Add("ESTIMATE", models_.estimate);
  table.Add("SD", models_.sd);
  return table;
}

}  // namespace kinflow
