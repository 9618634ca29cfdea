#include "stages/family/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "stages/family/contrast_check.h"
#include "stages/family/lost_levels.h"
#include "stages/family/model.h"
#include "stages/family/model_task.h"
#include "stages/family/negative_control.h"
#include "stages/family/reference_check.h"
#include "stages/family/relatives.h"
#include "stages/family/reshape.h"
#include "stages/family/results.h"
#include "stages/family/score_keys_check.h"
#include "stages/family/table_one.h"
#include "stages/family/told_once.h"
#include "stages/family/wave_times.h"

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
    frame.info[name] = {member, name.substr(0, name.size() - member.size() - 1), member};
  }
  return frame;
}

std::vector<int64_t> ClustersOf(const Table& columns, const std::string& cluster) {
  const int64_t c = columns.Find(cluster);
  if (c < 0) throw NoColumn(columns, "cluster", cluster);
  return CodesOf(columns.column(static_cast<size_t>(c)));
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

// What makes a row a wave of a wide table, where the formula is of such rows; "" elsewhere. `name`:
// no column of the table.
std::string WideAdvice(const Table& table, const std::string& name, const FitOptions& options) {
  if (options.data_format != "auto") return "";
  std::vector<std::string> waves;
  for (size_t c = 0; c < table.columns(); ++c) {
    if (IsAtWave(table.name(c), name)) waves.push_back(table.name(c));
  }
  if (waves.size() > 1) {
    return fmt::format("--data-format wide makes a row a wave of {}, {}{}", waves[0], waves[1],
                       waves.size() > 2 ? ", ..." : "");
  }
  if (name != (options.wave.empty() ? "wave" : options.wave)) return "";
  return "of a wide table, a row a person, --data-format wide makes rows by wave with this column, "
         "if the formula names scl of scl_w1, scl_w2";
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

// Whose waves are known, rows are apart by these.
std::string TimeOf(const Table& columns, const FitOptions& options) {
  const ModelOptions& model = options.model_options;
  const bool asked_for = options.model == "gee" && model.correlation == "ar1" &&
                         model.time.empty() && options.data_format != "auto";
  const int64_t at = asked_for ? columns.Find(options.wave) : -1;
  const bool is_time = at >= 0 && IsTime(columns.column(static_cast<size_t>(at)));
  return is_time ? options.wave : model.time;
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

// Goes on with what can be told beside a fault: nothing is fitted then.
TableFit::TableFit(const Table& columns, FitOptions options, const Table& relatives)
    : options_(std::move(options)), model_(MakeModel(options_.model)) {
  spec_.analysis_id = options_.id;
  spec_.options = options_.model_options;
  Try([&] { spec_.options = WithRelatedness(options_); });
  spec_.options.time = TimeOf(columns, options_);
  frame_ = FrameOf(columns, options_);
  if (!options_.cluster.empty()) {
    frame_.cluster = std::vector<int64_t>(columns.rows(), 0);  // as long as they are not known
    Try([&] { frame_.cluster = ClustersOf(columns, options_.cluster); });
  }
  Try([&] { AddPeopleAndRelatives(columns, relatives); });
  if (Try([&] { spec_.formula = FormulaOf(options_); })) ReadSpec();
}

bool TableFit::Try(const std::function<void()>& check) {
  try {
    check();
    return true;
  } catch (const Error& error) {
    faults_.push_back(error);
    return false;
  }
}

void TableFit::AddPeopleAndRelatives(const Table& columns, const Table& relatives) {
  if (!options_.person.empty()) {
    frame_.person = CodesOf(columns.column(PersonColumn(columns, options_)));
  }
  if (!options_.relatives.empty()) {
    warnings_ = AddRelatives(columns, options_, relatives, frame_);
  }
}

void TableFit::ReadSpec() {
  has_formula_ = true;
  if (!Try([&] { spec_.plan = PlanSteps(spec_.formula, frame_, options_.steps); })) {
    spec_.plan = PlanSteps(spec_.formula, frame_, {});
  }
  spec_.steps_given = !options_.steps.empty();
  for (const auto& text : options_.contrasts) {
    Try([&] { spec_.contrasts.push_back(ParseCombination(text, ErrorId::kBadArgument)); });
  }
  spec_.vcov =
      CovariancesOf(*model_, options_.vcov, spec_.formula, !frame_.cluster.empty(), spec_.options);
  Try([&] { MakeTables(Results{}, options_.family, {}); });
  Try([&] { family_terms_ = FamilyTerms(options_.family_terms, spec_.formula); });
  spec_.conf_level = options_.conf_level;
  spec_.common_sample = options_.common_sample;
  spec_.normal_df = options_.normal_df;
  spec_.fixed_196 = options_.fixed_196;
  spec_.reml = options_.reml;
  spec_.kenward_roger = options_.kenward_roger;
  spec_.random_tests = options_.random_tests;
  spec_.trajectories = options_.trajectories;
}

std::vector<Error> TableFit::Faults() const {
  std::vector<Error> errors = faults_;
  if (!has_formula_) return errors;
  const auto add = [&errors](std::vector<Error> more) {
    std::move(more.begin(), more.end(), std::back_inserter(errors));
  };
  const bool path_model = !model_->PathColumns(spec_.options).empty();
  add(CheckTableOne(options_.table_one, path_model));
  add(CheckNegativeControl(options_.negative_control, options_.model, options_.outcome_of,
                           {spec_.formula.response}));
  add(CheckScoreKeys({spec_.options.attenuation.asked_for(),
                      !options_.negative_control.empty() && options_.outcome_of != "child",
                      FamilyKeys(options_), options_.family_terms, options_.trajectories.at},
                     spec_.formula, frame_));
  add(CheckTrajectories(options_.trajectories, options_.model, spec_.formula.Columns()));
  add(UnusedOptions(spec_.options, options_.model));
  add(CheckReference(options_.reference, spec_.formula, path_model, "reference"));
  add(model_->Check(spec_, !frame_.cluster.empty()));
  if (!path_model) add(CheckContrasts(spec_.contrasts, spec_.formula, "contrasts"));
  add(MissingColumns());
  return errors;
}

std::vector<Error> TableFit::MissingColumns() const {
  std::vector<Error> errors;
  const auto columns = spec_.formula.Columns();
  const bool by_paths = !model_->PathColumns(spec_.options).empty();
  for (const auto& name : columns) {
    if (frame_.columns.Find(name) >= 0) continue;
    errors.push_back(NoSuchColumn(frame_.columns, name)
                         .Field(by_paths ? PathKeyOf(spec_.options, name) : "formula"));
    const std::string wide = by_paths ? "" : WideAdvice(frame_.columns, name, options_);
    if (!wide.empty()) errors.back().Remedy(wide);
  }
  const ModelOptions& options = spec_.options;
  const std::map<std::string, std::string> keys{{"time", options.time},
                                                {"case_weights", options.case_weights},
                                                {"second_cluster", options.second_cluster},
                                                {"wave", options.wave}};
  for (const auto& [key, name] : keys) {
    if (name.empty() || frame_.columns.Find(name) >= 0 ||
        std::find(columns.begin(), columns.end(), name) != columns.end()) {
      continue;
    }
    errors.push_back(NoSuchColumn(frame_.columns, name).Field(key));
  }
  return errors;
}

FitResult TableFit::Run() const {
  Results results;
  results.warnings = warnings_;
  results.more = model_->MoreTables();
  results.Append(FitAsTask(*model_, frame_, spec_, options_.model));
  for (auto& warning : LostLevels(frame_, spec_, model_->TakesFactors())) {
    results.warnings.push_back(std::move(warning));
  }
  FitResult out;
  out.individual = std::move(results.individual);
  if (results.tested.empty()) results.tested = {spec_.plan.full().id};
  out.tables = MakeTables(results, options_.family, results.tested,
                          static_cast<size_t>(options_.family_tests), family_terms_);
  if (!options_.negative_control.empty()) {
    out.tables["estimates"] = WithNegativeControl(
        out.tables["estimates"], NegativeControls(options_.negative_control, spec_.formula),
        results.warnings);
  }
  if (options_.table_one.asked_for() && results.failures.empty()) {
    out.tables["table1"] = TableOne(frame_, spec_, options_.table_one);
  }
  if (options_.refit) {
    out.refit = Refit{RefitFrame(frame_, spec_, options_.model),
                      RefitScript(options_.id, frame_, spec_, out.tables.at("models"))};
  }
  out.warnings = MergeWarnings(results.warnings);
  out.failures = std::move(results.failures);
  return out;
}

FitResult FitColumns(const Table& columns, const FitOptions& options, const Table& relatives) {
  const TableFit fit(columns, options, relatives);
  const auto faults = fit.Faults();
  if (!faults.empty()) throw faults.front();
  return fit.Run();
}

}  // namespace kinflow::family
