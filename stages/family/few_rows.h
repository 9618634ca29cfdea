#pragma once

#include <fmt/format.h>

#include <string>

namespace kinflow::family {

/// "85 rows"; few ones are not told by their number.
inline std::string RowsText(size_t rows) {
  constexpr size_t kFewRows = 10;
  return rows < kFewRows ? fmt::format("fewer than {} rows", kFewRows)
                         : fmt::format("{} rows", rows);
}

}  // namespace kinflow::family
