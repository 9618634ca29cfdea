#pragma once

#include "pipeline/data/table.h"

namespace kinflow {

/// Rows of `more` behind those of `table`; both of one form, or `table` without columns.
Table Concatenate(Table table, const Table& more);

}  // namespace kinflow
