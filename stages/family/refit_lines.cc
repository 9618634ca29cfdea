#include "stages/family/refit_lines.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/base/number.h"
#include "stages/family/refit_functions.h"
#include "stages/family/refit_mixed.h"
#include "stages/family/refit_paths.h"
#include "stages/family/refit_ptdt.h"
#include "stages/family/spatial/areas.h"
#include "stages/family/wave_order.h"

namespace kinflow::family {
namespace {

std::string NumberInR(double value) { return std::isnan(value) ? "NA" : FormatDouble(value); }

}  // namespace

std::string InR(const std::string& text) { return nlohmann::json(text).dump(); }

std::string TextsInR(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + InR(text);
  return "c(" + out + ")";
}

std::string ContrastsInR(const std::vector<LinearCombination>& contrasts) {
  std::string out;
  for (const auto& contrast : contrasts) {
    std::string weights;
    for (size_t i = 0; i < contrast.names.size(); ++i) {
      weights += fmt::format("{}{} = {}", i > 0 ? ", " : "", InR(contrast.names[i]),
                             NumberInR(contrast.weights[i]));
    }
    out += fmt::format("{}{} = c({})", out.empty() ? "" : ", ", InR(contrast.text), weights);
  }
  return "list(" + out + ")";
}

std::string Attempt(const std::string& model_id, const std::string& what,
                    const std::string& lines) {
  return fmt::format("  attempt({}, {}, {{\n{}  }})\n", InR(model_id), InR(what), lines);
}

std::string RefitFunctions(const std::string& kind) {
  if (kind == "groups") return kGroupsInR;
  if (kind == "ols_by_wave") return kByWaveInR;
  if (kind == "group_waves") return kGroupWavesInR;
  if (kind == "mediation") return kMediationInR;
  if (kind == "lmm" || kind == "family_reml") return kMixedInR;
  if (kind == "spatial") return kSpatialInR;
  if (kind == "ptdt") return kPtdtInR;
  if (kind == "sem" || kind == "riclpm") return kPathsInR;
  return "";
}

std::string GroupsLines(const std::string& model_id, const ModelSpec& spec) {
  return fmt::format(
      "  f <- model.frame({}, data = d)\n"
      "  show_groups({}, f[[1]], f[[2]], {}, {})\n",
      spec.formula.Text(), InR(model_id), NumberInR(spec.options.low), NumberInR(spec.conf_level));
}

std::string GroupWavesLines(const std::string& model_id, const ModelFrame& frame,
                            const ModelSpec& spec) {
  const Formula& formula = spec.formula;
  const std::string& person = formula.random.front().groups.front().front();
  const std::string& wave = formula.variables[formula.terms[1].variables[0]].column;
  const auto column = [&frame](const std::string& name) -> const Table::Column& {
    return frame.columns.column(static_cast<size_t>(frame.columns.Find(name)));
  };
  std::string in_time;  // names; R has numbers by value
  if (std::holds_alternative<Table::Strings>(column(wave))) {
    const auto rows = SelectRows(frame, formula.Columns()).rows;
    in_time = fmt::format("  d[[{0}]] <- factor(d[[{0}]], {1})\n", InR(wave),
                          TextsInR(WaveLevels(frame, wave, rows, CodesOf(column(person))).names));
  }
  std::vector<std::string> labels;
  for (const auto& term : formula.terms) labels.push_back(formula.TermLabel(term));
  Formula fixed = formula;
  fixed.random.clear();
  return in_time + fmt::format(
                       "  f <- model.frame({}, data = d)\n"
                       "  show_group_waves({}, f[[1]], f[[2]], f[[3]], d[[{}]], {}, {}, {})\n",
                       fixed.Text(), InR(model_id), InR(person), TextsInR(labels),
                       spec.reml ? "TRUE" : "FALSE", NumberInR(spec.options.low));
}

std::string KeepWaveLine(const std::string& wave) {
  return fmt::format(
      "  fits[[{}]] <- list(m = m, cluster = d[rownames(model.frame(m)), \".cluster\"])\n",
      InR(wave));
}

std::string EqualWavesLine(const std::string& model_id, const ModelSpec& spec) {
  return fmt::format("  if (length(fits) > 1) show_equal({}, fits, {})\n", InR(model_id),
                     TextsInR(spec.vcov));
}

std::string MediationLines(const std::string& model_id, const ModelSpec& spec,
                           const std::string& covariance) {
  return fmt::format(
      "  show_indirect({}, mediator, total, outcome, {}, function(m) as.matrix({}), {})\n",
      InR(model_id), InR(spec.options.mediator), covariance, InR(spec.vcov.front()));
}

std::string SpatialLines(const std::string& model_id, const ModelFrame& frame,
                         const ModelSpec& spec) {
  const std::string area = AreaColumn(spec.formula);
  std::string pairs;
  for (const auto& [a, b] : InNamesOf(*spec.options.neighbours, frame, area).pairs) {
    pairs += (pairs.empty() ? "" : ",\n") + fmt::format("    {}, {}", InR(a), InR(b));
  }
  const auto& columns = spec.formula.random.front().groups.back();
  return fmt::format(
      "  m <- lme4::lmer({}, data = d, REML = {})\n"
      "  neighbours <- matrix(c(\n{}), ncol = 2, byrow = TRUE)\n"
      "  show_spatial({}, m, d[[{}]], do.call(paste, c(d[{}], sep = \":\")), {}, neighbours, {})\n",
      spec.formula.Text(), spec.reml ? "TRUE" : "FALSE", pairs, InR(model_id), InR(area),
      TextsInR(columns), InR(fmt::format("{}", fmt::join(columns, ":"))),
      spec.options.row_standardised ? "TRUE" : "FALSE");
}

}  // namespace kinflow::family
