#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow {

/// A table of more columns than memory may hold: a column is made whenever it is written, by one
/// thread.
struct ColumnTable {
  size_t rows = 0;
  std::vector<std::string> names;
  std::function<Table::Column(size_t)> make;  // by index; `rows` values
};

/// As WriteTsv of a Table, some rows at a time: columns are made as often as memory asks for.
void WriteTsv(const ColumnTable& table, const std::string& path);

}  // namespace kinflow
