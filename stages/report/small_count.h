#pragma once

#include <cstdint>

#include "pipeline/data/table.h"

namespace kinflow {

/// A count of 1 to `small` - 1 people, which no shared table may tell.
inline bool IsSmall(int64_t n, int64_t small) {
  return n != Table::kMissingInt && n > 0 && n < small;
}

}  // namespace kinflow
