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

}  // namespace kinflow::family
