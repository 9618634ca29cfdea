#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "pipeline/data/table.h"

namespace kinflow::family::test {

inline std::string ConformanceFile(const std::string& name) {
  return std::string(KINFLOW_SOURCE_DIR) + "/tests/conformance/" + name;
}

/// A whole TSV as text columns.
struct Tsv {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  size_t Column(const std::string& name) const {
    for (size_t c = 0; c < names.size(); ++c) {
      if (names[c] == name) return c;
    }
    throw std::runtime_error("no column " + name);
  }
  const std::string& At(size_t row, const std::string& name) const {
    return rows[row][Column(name)];
  }
};

inline Tsv ReadTsv(const std::string& path) {
  LineReader reader(path);
  std::string_view line;
  Tsv out;
  while (reader.Next(line)) {
    std::vector<std::string> cells;
    for (const auto cell : Split(line, '\t')) cells.emplace_back(cell);
    if (out.names.empty()) {
      out.names = cells;
    } else {
      out.rows.push_back(cells);
    }
  }
  return out;
}

inline double NumberOf(const std::string& text) { return ParseDouble(text).value_or(std::nan("")); }

/// Numbers where every value is a number or NA, else text.
inline Table ToTable(const Tsv& tsv) {
  Table table;
  for (size_t c = 0; c < tsv.names.size(); ++c) {
    bool numeric = true;
    for (const auto& row : tsv.rows) {
      numeric = numeric && (row[c] == "NA" || ParseDouble(row[c]).has_value());
    }
    Table::Doubles numbers;
    Table::Strings text;
    for (const auto& row : tsv.rows) {
      if (numeric) {
        numbers.push_back(NumberOf(row[c]));
      } else {
        text.push_back(row[c]);
      }
    }
    if (numeric) {
      table.Add(tsv.names[c], std::move(numbers));
    } else {
      table.Add(tsv.names[c], std::move(text));
    }
  }
  return table;
}

/// Row of `table` whose text columns have the given values; fails the test's assumption by -1.
inline int64_t FindRow(const Table& table, const std::map<std::string, std::string>& where) {
  for (size_t r = 0; r < table.rows(); ++r) {
    bool all = true;
    for (const auto& [name, value] : where) all = all && table.StringsOf(name)[r] == value;
    if (all) return static_cast<int64_t>(r);
  }
  return -1;
}

inline double RelativeError(double ours, double reference) {
  if (std::isnan(reference) && std::isnan(ours)) return 0;
  if (ours == reference) return 0;
  return std::abs(ours - reference) / std::abs(reference);
}

}  // namespace kinflow::family::test
