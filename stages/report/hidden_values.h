#pragma once

#include "pipeline/data/table.h"

namespace kinflow {

/// True if a cell of the rows of `full` is hidden in `shared`, what is left of the same rows:
/// missing there, or written "<small". Columns that `shared` lacks do not count.
bool HidesValues(const Table& full, const Table& shared);

}  // namespace kinflow
