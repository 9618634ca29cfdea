#include "stages/report/rows_of_table.h"

#include <type_traits>
#include <utility>

namespace kinflow {

Table WithoutRows(const Table& table, const std::vector<bool>& hidden) {
  Table kept;
  for (size_t c = 0; c < table.columns(); ++c) {
    kept.Add(table.name(c), std::visit(
                                [&](const auto& rows) -> Table::Column {
                                  std::decay_t<decltype(rows)> out;
                                  for (size_t r = 0; r < rows.size(); ++r) {
                                    if (!hidden[r]) out.push_back(rows[r]);
                                  }
                                  return out;
                                },
                                table.column(c)));
  }
  return kept;
}

}  // namespace kinflow
