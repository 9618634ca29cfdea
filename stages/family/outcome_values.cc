#include "stages/family/outcome_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinflow::family {
namespace {

/// Values that are there, and those of them that are neither 0 nor 1.
struct Values {
  int64_t all = 0, others = 0;

  template <class T>
  void Add(T value) {
    ++all;
    others += value != T{0} && value != T{1} ? 1 : 0;
  }
};

Values ValuesOf(const Table::Column& column) {
  Values values;
  if (const auto* ints = std::get_if<Table::Ints>(&column)) {
    for (const int64_t value : *ints) {
      if (value != Table::kMissingInt) values.Add(value);
    }
  } else if (const auto* doubles = std::get_if<Table::Doubles>(&column)) {
    for (const double value : *doubles) {
      if (!std::isnan(value)) values.Add(value);
    }
  }
  return values;
}

}  // namespace

std::vector<Error> CheckOutcomeValues(const AnalysisOptions& options, const PersonColumns& persons,
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
    const Values values = ValuesOf(persons.columns.column(column));
    if (values.others == 0) continue;
    errors.push_back(Error(ErrorId::kModelFailed,
                           fmt::format("the outcome of a logit model must be 0 or 1; {} of its {} "
                                       "values are neither",
                                       values.others, values.all))
                         .Field(fmt::format("analyses.{}.{}", options.id,
                                            options.formula.empty() ? "outcome" : "formula"))
                         .Value(formula.response)
                         .Remedy("code cases 1 and others 0, or use model ordinal or ols"));
  }
  return errors;
}

}  // namespace kinflow::family
