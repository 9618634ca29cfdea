#include "stages/family/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "stages/family/lost_levels.h"
#include "stages/family/model.h"
#include "stages/family/negative_control.h"
#include "stages/family/reference_check.h"
#include "stages/family/relatives.h"
#include "stages/family/table_one.h"
#include "stages/family/told_once.h"

namespace kinflow::family {
namespace {

std::string MemberOf(const std::string& column) {
  const size_t dot = column.rfind('.');
  if (dot == std::string::npos || dot == 0) return "";
  const std::string member = column.substr(dot + 1);
  return IsMemberRole(member) ? member : "";
}

Error NoColumn(const Table& table, const char* key, const std::string& name) {
  return Error(ErrorId::kColumnMissing, "the table has no such column")
      .Field(key)
      .Value(name)
      .Remedy(ColumnAdvice(table, name));
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
    if (c < 0) throw NoColumn(columns, "cluster", options.cluster);
    frame.cluster = CodesOf(columns.column(static_cast<size_t>(c)));
  }
  return frame;
}

// Column of who the rows are of.
size_t PersonColumn(const Table& columns, const FitOptions& options) {
  const int64_t c = columns.Find(options.person);
  if (c >= 0) return static_cast<size_t>(c);
  if (!options.person.empty()) throw NoColumn(columns, "person", options.person);
  throw Error(ErrorId::kColumnMissing, "relatives need the column of who a row is of")
      .Field("person")
      .Value(options.person)
      .Remedy("name a column with the ids of people, as the relatives have them");
}

// Which of the people are relatives. Returns warnings.
std::vector<std::string> AddRelatives(const Table& columns, const FitOptions& options,
                                      const Table& relatives, ModelFrame& frame) {
  const size_t c = PersonColumn(columns, options);
  std::unordered_map<std::string, int64_t> codes;
  for (size_t r = 0; r < columns.rows(); ++r) {
    if (frame.person[r] >= 0) codes[columns.Cell(r, c)] = frame.person[r];
  }
  size_t strangers = 0;
  const auto code_of = [&codes](const std::string& id) {
    const auto found = codes.find(id);
    return found == codes.end() ? -1 : found->second;
  };
  frame.relatives = RelativesOfTable(relatives, code_of, strangers);
  if (frame.relatives.empty()) {
    throw Error(ErrorId::kModelFailed, "no pair of relatives is of people in the table")
        .Field("relatives")
        .Value(options.relatives)
        .Remedy("check that both tables name people alike");
  }
  if (strangers == 0) return {};
  return {fmt::format("relatives: {} of {} pairs name somebody who has no row in the table",
                      strangers, relatives.rows())};
}

// The genetic effect has no line in the formula: it comes with the relatives.
ModelOptions WithRelatedness(const FitOptions& options) {
  ModelOptions out = options.model_options;
  if (out.relatedness != "none") {
    throw Error(ErrorId::kConfigReference, "a table has neither pedigree nor genotypes")
        .Field("relatedness")
        .Value(out.relatedness)
        .Remedy("name a file of relatives and the column person");
  }
  if (!options.relatives.empty()) out.relatedness = "genotypes";
  return out;
}

}  // namespace

Formula FormulaOf(const FitOptions& options) {
  const auto model = MakeModel(options.model);
  const auto columns = model->PathColumns(options.model_options);
  if (columns.empty() && options.formula.empty()) {
    const std::string paths = model->HowTold();
    if (!paths.empty()) {
      throw Error(ErrorId::kMissingKey, "this kind of model is told by paths, which are missing")
          .Field("model")
          .Value(options.model)
          .Remedy(paths);
    }
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
  Formula formula = ParseFormula(columns.empty() ? options.formula : FormulaOfColumns(columns),
                                 ErrorId::kBadArgument);
  if (columns.empty() && formula.HasOutcomeOnRight()) {
    throw OutcomeOnRight(formula.response, ErrorId::kBadArgument, "formula");
  }
  return formula;
}

FitResult FitColumns(const Table& columns, const FitOptions& options, const Table& relatives) {
  const ModelOptions model_options = WithRelatedness(options);
  ModelFrame frame = FrameOf(columns, options);
  if (!options.person.empty()) {
    frame.person = CodesOf(columns.column(PersonColumn(columns, options)));
  }
  Results results;
  if (!options.relatives.empty()) {
    results.warnings = AddRelatives(columns, options, relatives, frame);
  }
  ModelSpec spec;
  spec.analysis_id = options.id;
  spec.formula = FormulaOf(options);
  spec.plan = PlanSteps(spec.formula, frame, options.steps);
  spec.steps_given = !options.steps.empty();
  for (const auto& text : options.contrasts) {
    spec.contrasts.push_back(ParseCombination(text, ErrorId::kBadArgument));
  }
  const auto model = MakeModel(options.model);
  spec.vcov =
      CovariancesOf(*model, options.vcov, spec.formula, !frame.cluster.empty(), model_options);
  spec.conf_level = options.conf_level;
  spec.common_sample = options.common_sample;
  spec.normal_df = options.normal_df;
  spec.fixed_196 = options.fixed_196;
  spec.reml = options.reml;
  spec.kenward_roger = options.kenward_roger;
  spec.random_tests = options.random_tests;
  spec.options = model_options;
  spec.trajectories = options.trajectories;
  const bool path_model = !model->PathColumns(model_options).empty();
  auto errors = CheckTableOne(options.table_one, path_model);
  for (auto& error : CheckNegativeControl(options.negative_control, options.model,
                                          options.outcome_of, {spec.formula.response})) {
    errors.push_back(std::move(error));
  }
  for (auto& error :
       CheckTrajectories(options.trajectories, options.model, spec.formula.Columns())) {
    errors.push_back(std::move(error));
  }
  for (auto& error : UnusedOptions(model_options, options.model)) {
    errors.push_back(std::move(error));
  }
  for (auto& error : CheckReference(options.reference, spec.formula, path_model, "reference")) {
    errors.push_back(std::move(error));
  }
  for (auto& error : model->Check(spec, !frame.cluster.empty())) errors.push_back(std::move(error));
  if (!errors.empty()) throw errors.front();
  results.more = model->MoreTables();
  results.Append(model->Fit(frame, spec));
  for (auto& warning : LostLevels(frame, spec, model->TakesFactors())) {
    results.warnings.push_back(std::move(warning));
  }
  FitResult out;
  out.individual = std::move(results.individual);
  if (results.tested.empty()) results.tested = {spec.plan.full().id};
  out.tables = MakeTables(results, options.family, results.tested,
                          static_cast<size_t>(options.family_tests));
  if (!options.negative_control.empty()) {
    out.tables["estimates"] = WithNegativeControl(
        out.tables["estimates"], NegativeControls(options.negative_control, spec.formula),
        results.warnings);
  }
  if (options.table_one.asked_for() && results.failures.empty()) {
    out.tables["table1"] = TableOne(frame, spec, options.table_one);
  }
  if (options.refit) {
    out.refit = Refit{RefitFrame(frame, spec, options.model),
                      RefitScript(options.id, frame, spec, out.tables.at("models"))};
  }
  out.warnings = MergeWarnings(results.warnings);
  out.failures = std::move(results.failures);
  return out;
}

}  // namespace kinflow::family
