#include "stages/family/outcome_sides.h"

#include <algorithm>
#include <cmath>

namespace kinflow::family {
namespace {

double NumberAt(const Table::Column& column, uint32_t row) {
  if (const auto* doubles = std::get_if<Table::Doubles>(&column)) return (*doubles)[row];
  return static_cast<double>(std::get<Table::Ints>(column)[row]);
}

}  // namespace

std::optional<OutcomeSides> SidesOf(const ModelFrame& frame, const Formula& formula,
                                    const std::vector<uint32_t>& rows, const People& people) {
  const int64_t c = frame.columns.Find(formula.response);
  if (c < 0 || rows.empty()) return std::nullopt;
  const Table::Column& outcome = frame.columns.column(static_cast<size_t>(c));
  if (std::holds_alternative<Table::Strings>(outcome)) return std::nullopt;
  const double first = NumberAt(outcome, rows[0]);
  double other = first;
  for (const uint32_t r : rows) {
    const double y = NumberAt(outcome, r);
    if (y == first || y == other) continue;
    if (other != first || std::isnan(y) || std::isnan(first)) return std::nullopt;
    other = y;
  }
  if (other == first) return std::nullopt;
  const double larger = std::max(first, other);
  OutcomeSides out;
  std::vector<uint32_t> side;
  for (const uint32_t r : rows) side.push_back(NumberAt(outcome, r) == larger ? 1 : 0);
  out.cases = std::count(side.begin(), side.end(), 1U);
  const auto counts = people.ByCell(side, 2);
  out.people_cases = counts[1];
  out.people_others = counts[0];
  return out;
}

void AddSides(const RowKey& key, const OutcomeSides& sides, const People& people,
              std::vector<CountRow>& out) {
  out.push_back({key, "n_cases", "NA", sides.cases});
  if (!people.repeated()) return;
  out.push_back({key, "n_people_cases", "NA", sides.people_cases});
  out.push_back({key, "n_people_others", "NA", sides.people_others});
}

}  // namespace kinflow::family
