#pragma once

#include <vector>

#include "pipeline/data/table.h"

namespace kinflow {

/// The table without the rows where `hidden` is true.
Table WithoutRows(const Table& table, const std::vector<bool>& hidden);

}  // namespace kinflow
