#include "pipeline/data/column_table.h"

#include <algorithm>

namespace kinflow {
namespace {

constexpr size_t kBlockBytes = 32ull << 20;

Table::Column Slice(const Table::Column& column, size_t begin, size_t end) {
  return std::visit(
      [&](const auto& v) -> Table::Column {
        return std::decay_t<decltype(v)>(v.begin() + static_cast<ptrdiff_t>(begin),
                                         v.begin() + static_cast<ptrdiff_t>(end));
      },
      column);
}

}  // namespace

void WriteTsv(const ColumnTable& table, const std::string& path) {
  const size_t at_once =
      std::max<size_t>(1, kBlockBytes / (sizeof(double) * std::max<size_t>(1, table.names.size())));
  TsvWriter out(path);
  size_t begin = 0;
  do {  // once without rows, for the header
    const size_t end = std::min(table.rows, begin + at_once);
    Table block;
    for (size_t c = 0; c < table.names.size(); ++c) {
      block.Add(table.names[c], Slice(table.make(c), begin, end));
    }
    out.Append(block);
    begin = end;
  } while (begin < table.rows);
  out.Commit();
}

}  // namespace kinflow
