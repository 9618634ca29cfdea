#include "pipeline/data/concatenate.h"

namespace kinflow {

Table Concatenate(Table table, const Table& more) {
  if (table.columns() == 0) return more;
  table.Append(more);
  return table;
}

}  // namespace kinflow
