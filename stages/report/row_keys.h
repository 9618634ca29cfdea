#pragma once

#include <cstdint>
#include <string>

#include "pipeline/data/table.h"

namespace kinflow {

/// The cell of column `name` as text; "" without such a column.
inline std::string CellOf(const Table& table, size_t r, const char* name) {
  const int64_t c = table.Find(name);
  return c < 0 ? "" : table.Cell(r, static_cast<size_t>(c));
}

/// The model that row `r` of a result table tells of. Without the score, which tables name in
/// different ways: what is hidden for one, is for all.
inline std::string ModelOf(const Table& table, size_t r) {
  const char* model = table.Find("model_id") < 0 ? "full" : "model_id";
  std::string key;
  for (const char* name : {"analysis_id", model, "outcome"}) key += CellOf(table, r, name) + '\t';
  return key;
}

}  // namespace kinflow
