#include "stages/report/hidden_values.h"

#include <cmath>

namespace kinflow {
namespace {

bool IsMissing(const Table::Column& column, size_t r) {
  if (const auto* ints = std::get_if<Table::Ints>(&column)) {
    return (*ints)[r] == Table::kMissingInt;
  }
  if (const auto* doubles = std::get_if<Table::Doubles>(&column)) return std::isnan((*doubles)[r]);
  const std::string& text = std::get<Table::Strings>(column)[r];
  return text.empty() || text == "NA";
}

/// "<5" in place of a number.
bool IsBound(const Table::Column& full, const Table::Column& shared, size_t r) {
  const auto* texts = std::get_if<Table::Strings>(&shared);
  return texts != nullptr && (*texts)[r].starts_with('<') &&
         !std::holds_alternative<Table::Strings>(full);
}

}  // namespace

bool HidesValues(const Table& full, const Table& shared) {
  for (size_t c = 0; c < shared.columns(); ++c) {
    const int64_t at = full.Find(shared.name(c));
    if (at < 0) continue;
    const Table::Column& all = full.column(static_cast<size_t>(at));
    const Table::Column& shown = shared.column(c);
    for (size_t r = 0; r < shared.rows(); ++r) {
      if (IsMissing(all, r)) continue;
      if (IsMissing(shown, r) || IsBound(all, shown, r)) return true;
    }
  }
  return false;
}

}  // namespace kinflow
