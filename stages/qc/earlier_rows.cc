#include "stages/qc/earlier_rows.h"

#include <type_traits>
#include <variant>

namespace kinflow {

Table WithEarlierRows(const Table& now, const Table& before,
                      const std::function<bool(size_t row)>& is_earlier) {
  Table table;
  for (size_t c = 0; c < now.columns(); ++c) {
    Table::Column column = now.column(c);
    std::visit(
        [&](auto& rows) {
          const auto& then = std::get<std::decay_t<decltype(rows)>>(before.column(c));
          for (size_t i = 0; i < rows.size(); ++i) {
            if (is_earlier(i)) rows[i] = then[i];
          }
        },
        column);
    table.Add(now.name(c), std::move(column));
  }
  return table;
}

}  // namespace kinflow
