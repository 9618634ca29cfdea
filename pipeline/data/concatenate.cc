#include "pipeline/data/concatenate.h"

namespace kinflow {

Table Concatenate(Table table, const Table& more) {
  if (table.columns() == 0) return more;
  Table joined;
  for (size_t c = 0; c < table.columns(); ++c) {
    Table::Column column = table.column(c);
    std::visit(
        [&](auto& rows) {
          const auto& extra = std::get<std::decay_t<decltype(rows)>>(more.column(c));
          rows.insert(rows.end(), extra.begin(), extra.end());
        },
        column);
    joined.Add(table.name(c), std::move(column));
  }
  return joined;
}

}  // namespace kinflow
