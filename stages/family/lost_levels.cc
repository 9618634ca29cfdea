#include "stages/family/lost_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "stages/family/few_rows.h"
#include "stages/family/people.h"
#include "stages/family/reporting.h"

namespace kinflow::family {
namespace {

constexpr size_t kMostNames = 5;

// Names of levels of `factor` at `rows`, which are complete in it, in byte order. Levels of few
// people are not named: they might tell who these are.
std::string NamesOf(const ModelFrame& frame, const Formula& formula, size_t factor,
                    const std::vector<uint32_t>& rows) {
  std::map<std::string, uint32_t> cells;
  std::vector<uint32_t> cell;
  for (const uint32_t r : rows) {
    const auto next = static_cast<uint32_t>(cells.size());
    cell.push_back(cells.emplace(frame.columns.Cell(r, factor), next).first->second);
  }
  const auto people = People(frame, formula, rows).ByCell(cell, cells.size());
  std::vector<std::string> names;
  for (const auto& [name, c] : cells) {
    if (people[c] >= static_cast<int64_t>(kFewRows)) names.push_back(name);
  }
  if (names.empty()) return "";
  const bool more = names.size() > kMostNames;
  names.resize(std::min(names.size(), kMostNames));
  return fmt::format("; of {} people or more: {}{}", kFewRows, fmt::join(names, ", "),
                     more ? ", ..." : "");
}

}  // namespace

std::vector<std::string> LostLevels(const ModelFrame& frame, const ModelSpec& spec,
                                    bool all_factors) {
  std::set<std::string> factors;
  for (const auto& variable : spec.formula.variables) {
    const int64_t c = frame.columns.Find(variable.column);
    if (c < 0) continue;
    const bool text =
        std::holds_alternative<Table::Strings>(frame.columns.column(static_cast<size_t>(c)));
    if (text || variable.as_factor || all_factors) factors.insert(variable.column);
  }
  std::vector<std::string> warnings;
  if (factors.empty()) return warnings;
  RowSelection used;
  try {
    used = SelectRows(frame, spec.Columns());
  } catch (const Error& error) {  // the model has failed by it
    if (!IsModelFault(error.id())) throw;
    return warnings;
  }
  if (used.rows.size() == frame.columns.rows()) return warnings;
  for (const auto& factor : factors) {
    const auto at = static_cast<size_t>(frame.columns.Find(factor));
    const auto codes = CodesOf(frame.columns.column(at));
    std::set<int64_t> kept, lost;
    for (const uint32_t r : used.rows) kept.insert(codes[r]);
    std::vector<uint32_t> rows;
    for (uint32_t r = 0; r < codes.size(); ++r) {
      if (codes[r] < 0 || kept.count(codes[r]) != 0) continue;
      lost.insert(codes[r]);
      rows.push_back(r);
    }
    if (lost.empty()) continue;
    warnings.push_back(fmt::format(
        "{}: {} level{} of {} ({}) left no complete row: values of other columns are missing{}",
        NameOf(KeyOf(spec, spec.plan.models.size() - 1)), lost.size(), lost.size() == 1 ? "" : "s",
        factor, RowsText(rows.size()), NamesOf(frame, spec.formula, at, rows)));
  }
  return warnings;
}

}  // namespace kinflow::family
