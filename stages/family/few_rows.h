#pragma once

#include <fmt/format.h>

#include <string>

namespace kinflow::family {

inline constexpr size_t kFewRows = 10;  // are not told by their number

/// "85", "fewer than 10".
inline std::string FewOrNumber(size_t rows) {
  return rows < kFewRows ? fmt::format("fewer than {}", kFewRows) : fmt::format("{}", rows);
}
/// "85 rows".
inline std::string RowsText(size_t rows) { return FewOrNumber(rows) + " rows"; }
/// "the 85 rows used", "the rows used".
inline std::string RowsUsedText(size_t rows) {
  return rows < kFewRows ? "the rows used" : fmt::format("the {} rows used", rows);
}
/// "all 85 rows used", "all rows used".
inline std::string AllRowsUsedText(size_t rows) {
  return rows < kFewRows ? "all rows used" : fmt::format("all {} rows used", rows);
}
/// "85 of 600 rows", where neither these nor the others are few.
inline std::string PartOfRowsText(size_t part, size_t rows) {
  if (rows < kFewRows) return RowsText(rows);
  const bool few_others = part < rows && rows - part < kFewRows;
  return fmt::format("{} of {} rows",
                     few_others ? "all but " + FewOrNumber(rows - part) : FewOrNumber(part), rows);
}

}  // namespace kinflow::family
