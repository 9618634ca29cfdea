#pragma once

#include <functional>

#include "pipeline/data/table.h"

namespace kinflow {

/// `now`, with the rows of `before` where `is_earlier` says so: what was removed in an earlier
/// round keeps the values that it was removed by. Both have the same columns and rows.
Table WithEarlierRows(const Table& now, const Table& before,
                      const std::function<bool(size_t row)>& is_earlier);

}  // namespace kinflow
