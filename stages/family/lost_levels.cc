#include "stages/family/lost_levels.h"

#include <fmt/format.h>

#include <set>

#include "stages/family/few_rows.h"
#include "stages/family/reporting.h"

namespace kinflow::family {

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
    const auto codes =
        CodesOf(frame.columns.column(static_cast<size_t>(frame.columns.Find(factor))));
    std::set<int64_t> kept, lost;
    for (const uint32_t r : used.rows) kept.insert(codes[r]);
    size_t rows = 0;
    for (const int64_t code : codes) {
      if (code < 0 || kept.count(code) != 0) continue;
      lost.insert(code);
      ++rows;
    }
    if (lost.empty()) continue;
    warnings.push_back(fmt::format(
        "{}: {} level{} of {} ({}) left no complete row: values of other columns are missing",
        NameOf(KeyOf(spec, spec.plan.models.size() - 1)), lost.size(), lost.size() == 1 ? "" : "s",
        factor, RowsText(rows)));
  }
  return warnings;
}

}  // namespace kinflow::family
