#include "stages/family/outcome_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "stages/family/trio_rows.h"

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

/// Of anybody: rows need not be looked for where there is none.
bool HasOthers(const Table::Column& column) {
  const size_t rows = std::visit([](const auto& values) { return values.size(); }, column);
  for (size_t row = 0; row < rows; ++row) {
    if (IsOther(column, row)) return true;
  }
  return false;
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

/// The rows of one outcome that are used, and those of them that are neither 0 nor 1.
struct OutcomeCounts {
  size_t used = 0, others = 0;
};

OutcomeCounts CountOutcome(const AnalysisOptions& options, const Formula& formula,
                           const Cohort& cohort, const PersonColumns& persons,
                           const RowNeeds& needs) {
  TrioFrameSpec spec;
  spec.outcome_of = options.outcome_of;
  spec.columns = needs.columns;
  spec.groups = formula.GroupColumns();
  spec.children = options.children;
  spec.cluster = IsClustered(options, formula) ? options.cluster : ClusterBy::kNone;
  spec.cluster_column = options.cluster_column;
  std::shared_ptr<const TrioRows> rows;
  const TrioRowsOf rows_of = [&](const TrioRowsSpec& asked) {
    rows = std::make_shared<const TrioRows>(cohort, persons, asked);
    return rows;
  };
  const ScoreColumns no_scores;
  const ModelFrame frame = TrioFrames(cohort, persons, no_scores, spec, rows_of).Of("").frame;
  const auto& outcome =
      frame.columns.column(static_cast<size_t>(frame.columns.Find(formula.response)));
  OutcomeCounts counts;
  const RowSelection selection = SelectRows(frame, needs.columns);
  for (const uint32_t row : selection.rows) {
    const Trio& trio = rows->trios()[row];
    const bool scored =
        std::all_of(needs.members.begin(), needs.members.end(), [&](const std::string& member) {
          return TrioRows::SampleOf(trio, member) != SampleTable::kAbsent;
        });
    if (!scored) continue;
    ++counts.used;
    counts.others += IsOther(outcome, row) ? 1 : 0;
  }
  return counts;
}

}  // namespace

std::vector<Error> CheckOutcomeValues(const AnalysisOptions& options, const Cohort& cohort,
                                      const PersonColumns& persons,
                                      const std::vector<std::string>& scores) {
  std::vector<Error> errors;
  if (options.model != "logit") return errors;
  for (const AnalysisOptions& one : ByOutcome(options)) {
    const Formula formula = FormulaOf(one);
    if (formula.response_transform != Transform::kNone) continue;
    const auto source =
        ResolveColumn(formula.response, options.outcome_of, persons.columns, scores);
    if (source.kind != ColumnSource::kPerson) continue;
    const auto column = static_cast<size_t>(persons.columns.Find(source.name));
    if (!HasOthers(persons.columns.column(column))) continue;
    OutcomeCounts counts;
    try {
      const RowNeeds needs = NeedsOf(one, formula, persons, scores);
      counts = CountOutcome(one, formula, cohort, persons, needs);
    } catch (const Error&) {
      continue;  // no complete row, somebody twice, ...: faults of their own, which the run tells
    }
    if (counts.others == 0) continue;
    errors.push_back(Error(ErrorId::kModelFailed,
                           fmt::format("the outcome of a logit model must be 0 or 1; it is neither "
                                       "in {} of the {} rows that the model uses",
                                       counts.others, counts.used))
                         .Field(fmt::format("analyses.{}.{}", options.id,
                                            options.formula.empty() ? "outcome" : "formula"))
                         .Value(formula.response)
                         .Remedy("code cases 1 and others 0, or use model ordinal or ols"));
  }
  return errors;
}

}  // namespace kinflow::family
