#pragma once

#include <algorithm>
#include <string_view>

namespace kinflow {

/// Fields of a line between tabs, in which there may be blanks.
inline size_t TabFields(std::string_view line) {
  return static_cast<size_t>(std::count(line.begin(), line.end(), '\t')) + 1;
}

}  // namespace kinflow
