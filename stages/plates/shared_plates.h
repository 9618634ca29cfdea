#pragma once

#include <cstdint>

#include "pipeline/data/table.h"

namespace kinflow::plates {

/// plates.tsv as it is shared. No plate or batch of fewer than `small` people is shown, nor, beside
/// one, the next smallest: all people less those shown would give the hidden one. What is told of
/// wells at the edge and inside is hidden where 1 to `small` - 1 people are in either or in no
/// known well, and in further rows, smallest first, until the rows hidden together have no such
/// number: they follow from the row of all.
/// Where plates are hidden, so is each batch, which may consist of plates.
Table SharedPlates(const Table& plates, int64_t small);

}  // namespace kinflow::plates
