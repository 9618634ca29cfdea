#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kinflow::fuzz {

/// A tab-separated row, every field in quotes: reads back to the same fields.
inline std::string QuotedRow(const std::vector<std::string>& fields) {
  std::string row;
  for (const auto& field : fields) {
    row += row.empty() ? "\"" : "\t\"";
    for (const char c : field) row += c == '"' ? std::string("\"\"") : std::string(1, c);
    row += '"';
  }
  return row + "\n";
}

/// False for a text whose line ends do not survive writing: "\r" before "\n" is read as "\n".
inline bool SurvivesWriting(std::string_view field) {
  return field.find('\r') == std::string_view::npos;
}

}  // namespace kinflow::fuzz
