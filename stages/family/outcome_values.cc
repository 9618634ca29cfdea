#include "stages/family/outcome_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stages/family/few_rows.h"

namespace kinflow::family {
namespace {

/// True if anybody has a value: components of the run have none yet.
bool HasValues(const Table::Column& column) {
  if (const auto* texts = std::get_if<Table::Strings>(&column)) {
    return std::any_of(texts->begin(), texts->end(), [](const auto& text) { return text != "NA"; });
  }
  if (const auto* ints = std::get_if<Table::Ints>(&column)) {
    return std::any_of(ints->begin(), ints->end(),
                       [](int64_t value) { return value != Table::kMissingInt; });
  }
  const auto& doubles = std::get<Table::Doubles>(column);
  return std::any_of(doubles.begin(), doubles.end(),
                     [](double value) { return !std::isnan(value); });
}

/// A number that is neither 0 nor 1. Texts are another fault.
bool IsOther(const Table::Column& column, size_t row) {
  if (const auto* ints = std::get_if<Table::Ints>(&column)) {
    const int64_t value = (*ints)[row];
    return value != Table::kMissingInt && value != 0 && value != 1;
  }
  const auto* doubles = std::get_if<Table::Doubles>(&column);
  if (doubles == nullptr || std::isnan((*doubles)[row])) return false;
  return (*doubles)[row] != 0 && (*doubles)[row] != 1;
}

/// What a model asks of its rows.
struct RowNeeds {
  std::vector<std::string> columns;  // of the tables
  std::vector<std::string> members;  // whose scores
};

RowNeeds NeedsOf(const AnalysisOptions& options, const Formula& formula,
                 const PersonColumns& persons, const std::vector<std::string>& scores) {
  RowNeeds needs;
  std::vector<std::string> names = formula.Columns();
  for (auto& name : options.model_options.Columns()) names.push_back(std::move(name));
  const auto groups = formula.GroupColumns();
  for (const std::string& name : names) {
    const bool group = std::find(groups.begin(), groups.end(), name) != groups.end();
    const ColumnSource source =
        group ? ResolveGroup(name, options.outcome_of, persons, scores)
              : ResolveColumn(name, options.outcome_of, persons.columns, scores);
    if (source.kind == ColumnSource::kScore) {
      needs.members.push_back(IsAllelesRole(source.member) ? "child" : source.member);
      continue;
    }
    if (std::find(needs.columns.begin(), needs.columns.end(), name) != needs.columns.end())
      continue;
    const auto column = static_cast<size_t>(persons.columns.Find(source.name));
    const bool to_come =
        source.kind == ColumnSource::kPerson && !HasValues(persons.columns.column(column));
    if (!to_come) needs.columns.push_back(name);
  }
  return needs;
}

/// The rows of one outcome. Scores, imputed parents and quality control only take complete rows
/// away, so what is too few in those is too few for the model.
struct OutcomeRows {
  ModelFrame frame;
  std::vector<uint32_t> complete;  // in the columns of the formula
  std::vector<uint32_t> used;      // of them, where those whose scores the formula uses have some
  std::vector<double> values;      // of the outcome, of each complete row
};

OutcomeRows RowsOf(const AnalysisOptions& options, const Formula& formula, const Cohort& cohort,
                   const PersonColumns& persons, const RowNeeds& needs, const TrioRowsOf& rows_of) {
  TrioFrameSpec spec;
  spec.outcome_of = options.outcome_of;
  spec.columns = needs.columns;
  spec.groups = formula.GroupColumns();
  spec.children = options.children;
  spec.cluster = IsClustered(options, formula) ? options.cluster : ClusterBy::kNone;
  spec.cluster_column = options.cluster_column;
  std::shared_ptr<const TrioRows> trios;
  const TrioRowsOf keep = [&](const TrioRowsSpec& asked) {
    trios = rows_of(asked);
    return trios;
  };
  const ScoreColumns no_scores;
  OutcomeRows out;
  out.frame = TrioFrames(cohort, persons, no_scores, spec, keep).Of("").frame;
  const RowSelection selection = SelectRows(out.frame, needs.columns);
  for (const uint32_t row : selection.rows) {
    out.complete.push_back(row);
    const Trio& trio = trios->trios()[row];
    const bool scored =
        std::all_of(needs.members.begin(), needs.members.end(), [&](const std::string& member) {
          return TrioRows::SampleOf(trio, member) != SampleTable::kAbsent;
        });
    if (scored) out.used.push_back(row);
  }
  out.values = NumbersOf(out.frame, formula.response, "outcome", out.complete);
  return out;
}

bool IsBinary(const AnalysisOptions& options) {
  return options.model == "logit" ||
         (options.model == "gee" && options.model_options.distribution == "binomial");
}

std::optional<Error> FaultOfCodes(const AnalysisOptions& options, const Formula& formula,
                                  const OutcomeRows& rows) {
  if (!IsBinary(options) || formula.response_transform != Transform::kNone) return {};
  const auto& outcome =
      rows.frame.columns.column(static_cast<size_t>(rows.frame.columns.Find(formula.response)));
  const auto others = std::count_if(rows.used.begin(), rows.used.end(),
                                    [&](uint32_t row) { return IsOther(outcome, row); });
  if (others == 0) return {};
  const bool logit = options.model == "logit";
  return Error(ErrorId::kModelFailed,
               fmt::format("the outcome of a {} model must be 0 or 1; it is neither in {} of {}",
                           logit ? "logit" : "binomial", FewOrNumber(static_cast<size_t>(others)),
                           RowsUsedText(rows.used.size())))
      .Remedy(logit ? "code cases 1 and others 0, or use model ordinal or ols"
                    : "code cases 1 and others 0, or use distribution: gaussian");
}

std::optional<Error> FaultOfCategories(const AnalysisOptions& options, const OutcomeRows& rows) {
  std::vector<double> levels = rows.values;
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  if (levels.size() == 1) {
    return Error(ErrorId::kConstantOutcome,
                 fmt::format("the outcome has the same value in all {} complete in the columns of "
                             "the model",
                             RowsText(rows.complete.size())))
        .Remedy("check the outcome's coding, and which rows other columns leave");
  }
  if (options.model != "ordinal" || levels.size() != 2) return {};
  return Error(
             ErrorId::kModelFailed,
             fmt::format("the outcome of an ordinal model needs 3 categories or more; it has 2 in "
                         "the {} complete in the columns of the model",
                         RowsText(rows.complete.size())))
      .Remedy("use model logit, the outcome coded 0 and 1");
}

/// Random terms of which every level has one row, as the outcome is not repeated, or that have one
/// level.
std::optional<Error> FaultOfLevels(const AnalysisOptions& options, const Formula& formula,
                                   const OutcomeRows& rows) {
  if (options.model == "group_waves") return {};  // counts rows of people by itself
  const size_t n = rows.complete.size();
  for (const RandomTerm& term : formula.random) {
    for (const auto& columns : term.groups) {
      const uint32_t levels = CrossedCodes(rows.frame, columns, rows.complete).n;
      if (levels > 1 && levels < n) continue;
      const std::string group = fmt::format("{}", fmt::join(columns, ":"));
      return Error(ErrorId::kModelFailed,
                   fmt::format(
                       "random term ({}): {} in the {} complete in the columns of the model",
                       formula.RandomText(term),
                       levels == 1 ? "grouping factor " + group + " has one level"
                                   : "every level of grouping factor " + group + " has one row",
                       RowsText(n)))
          .Remedy(levels == 1
                      ? "a variance between groups needs several: check the column, or take the "
                        "term out"
                      : "take the term out, or name an outcome that is repeated within " + group +
                            ": of a long table, with a row a wave");
    }
  }
  return {};
}

/// What a kind of model told by paths needs as numbers.
std::vector<std::string> PathNumbers(const AnalysisOptions& options) {
  std::vector<std::string> names = MakeModel(options.model)->PathColumns(options.model_options);
  std::erase(names, options.model_options.group);
  return names;
}

}  // namespace

OutcomeValues::OutcomeValues(const Cohort& cohort, const PersonColumns& persons)
    : cohort_(cohort), persons_(persons) {}

std::shared_ptr<const TrioRows> OutcomeValues::Rows(const TrioRowsSpec& spec) {
  auto& rows = rows_[spec];
  if (!rows) rows = std::make_shared<const TrioRows>(cohort_, persons_, spec);
  return rows;
}

std::vector<Error> OutcomeValues::Check(const AnalysisOptions& options,
                                        const std::vector<std::string>& scores) {
  const std::vector<std::string> paths = PathNumbers(options);
  std::vector<Error> errors;
  const auto is_text = [&](const std::string& name) {
    const auto source = ResolveColumn(name, options.outcome_of, persons_.columns, scores);
    if (source.kind != ColumnSource::kPerson) return false;
    const auto column = static_cast<size_t>(persons_.columns.Find(source.name));
    return std::holds_alternative<Table::Strings>(persons_.columns.column(column)) &&
           HasValues(persons_.columns.column(column));
  };
  const auto add = [&](Error fault, const std::string& column) {
    const char* key = !paths.empty() ? "" : options.formula.empty() ? ".outcome" : ".formula";
    errors.push_back(fault.Field("analyses." + options.id + key).Value(column));
  };
  const auto text = [](const char* what) {
    return Error(ErrorId::kModelFailed,
                 fmt::format("{} holds texts, the model needs numbers", what))
        .Remedy(
            "code the categories as numbers; if it should hold numbers, name its codes of missing "
            "values (phenotypes[].missing)");
  };
  for (const auto& name : paths) {
    if (is_text(name)) add(text("the column"), name);
  }
  if (!paths.empty()) return errors;
  for (const AnalysisOptions& one : ByOutcome(options)) {
    const Formula formula = FormulaOf(one);
    if (is_text(formula.response)) {
      add(text("the outcome"), formula.response);
    } else if (auto fault = FaultOfRows(one, formula, scores)) {
      add(*std::move(fault), formula.response);
    }
  }
  return errors;
}

std::optional<Error> OutcomeValues::FaultOfRows(const AnalysisOptions& options,
                                                const Formula& formula,
                                                const std::vector<std::string>& scores) {
  const auto source = ResolveColumn(formula.response, options.outcome_of, persons_.columns, scores);
  if (source.kind != ColumnSource::kPerson) return {};
  try {
    const RowNeeds needs = NeedsOf(options, formula, persons_, scores);
    const auto rows_of = [this](const TrioRowsSpec& spec) { return Rows(spec); };
    const OutcomeRows rows = RowsOf(options, formula, cohort_, persons_, needs, rows_of);
    if (auto fault = FaultOfCodes(options, formula, rows)) return fault;
    if (auto fault = FaultOfCategories(options, rows)) return fault;
    return FaultOfLevels(options, formula, rows);
  } catch (const Error&) {
    return {};  // no complete row, somebody twice, ...: faults of their own, which the run tells
  }
}

}  // namespace kinflow::family
