#include "stages/family/fit.h"

#include <utility>

#include "stages/family/model.h"
#include "stages/family/told_once.h"

namespace kinflow::family {
namespace {

std::string MemberOf(const std::string& column) {
  const size_t dot = column.rfind('.');
  if (dot == std::string::npos || dot == 0) return "";
  const std::string member = column.substr(dot + 1);
  return IsMemberRole(member) ? member : "";
}

ModelFrame FrameOf(const Table& columns, const FitOptions& options) {
  ModelFrame frame;
  frame.columns = columns;
  frame.reference = options.reference;
  frame.outcome_of = options.outcome_of;
  for (size_t c = 0; c < columns.columns(); ++c) {
    const std::string member = MemberOf(columns.name(c));
    if (member.empty() || std::holds_alternative<Table::Strings>(columns.column(c))) continue;
    const std::string& name = columns.name(c);
    frame.info[name] = {member, name.substr(0, name.size() - member.size() - 1)};
  }
  if (!options.cluster.empty()) {
    const int64_t c = columns.Find(options.cluster);
    if (c < 0) {
      throw Error(ErrorId::kColumnMissing, "the table has no such column")
          .Field("cluster")
          .Value(options.cluster);
    }
    frame.cluster = CodesOf(columns.column(static_cast<size_t>(c)));
  }
  return frame;
}

}  // namespace

Formula FormulaOf(const FitOptions& options) {
  const auto columns = MakeModel(options.model)->PathColumns(options.model_options);
  if (columns.empty() && options.formula.empty()) {
    throw Error(ErrorId::kMissingKey, "a formula is missing")
        .Field("formula")
        .Remedy("give one, for example \"y ~ a + b * c + factor(d)\"");
  }
  if (!columns.empty() && !options.formula.empty()) {
    throw Error(ErrorId::kConfigReference, "this kind of model is told by paths, not by a formula")
        .Field("formula")
        .Value(options.formula)
        .Remedy("leave the formula out");
  }
  return ParseFormula(columns.empty() ? options.formula : FormulaOfColumns(columns),
                      ErrorId::kBadArgument);
}

FitResult FitColumns(const Table& columns, const FitOptions& options) {
  const ModelFrame frame = FrameOf(columns, options);
  ModelSpec spec;
  spec.analysis_id = options.id;
  spec.formula = FormulaOf(options);
  spec.plan = PlanSteps(spec.formula, frame, options.steps);
  spec.steps_given = !options.steps.empty();
  for (const auto& text : options.contrasts) {
    spec.contrasts.push_back(ParseCombination(text, ErrorId::kBadArgument));
  }
  const auto model = MakeModel(options.model);
  spec.vcov = options.vcov;
  if (spec.vcov.empty())
    spec.vcov = model->DefaultVcov(!frame.cluster.empty(), options.model_options);
  spec.conf_level = options.conf_level;
  spec.common_sample = options.common_sample;
  spec.normal_df = options.normal_df;
  spec.fixed_196 = options.fixed_196;
  spec.reml = options.reml;
  spec.random_tests = options.random_tests;
  spec.options = options.model_options;
  auto errors = UnusedOptions(options.model_options, options.model);
  for (auto& error : model->Check(spec, !frame.cluster.empty())) errors.push_back(std::move(error));
  if (!errors.empty()) throw errors.front();
  Results results;
  results.more = model->MoreTables();
  results.Append(model->Fit(frame, spec));
  FitResult out;
  if (results.tested.empty()) results.tested = {spec.plan.full().id};
  out.tables = MakeTables(results, options.family, results.tested);
  out.warnings = MergeWarnings(results.warnings);
  out.failures = std::move(results.failures);
  return out;
}

}  // namespace kinflow::family
