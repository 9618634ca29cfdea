#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kinflow {

/// Part of a block: bytes taken as they are, then repeats of the last byte before them.
struct Segment {
  uint32_t literals = 0, repeats = 0;
};

/// Splits a block into segments. A position repeats if it has a predecessor in the block and equals
/// it; every maximal row of `min_run` (a power of 2, 64 at most) or more repeating positions is a
/// run, everything else is literal. The last segment has no repeats. Same result on every
/// instruction set.
void FindRuns(const uint8_t* data, size_t size, size_t min_run, std::vector<Segment>& segments);

}  // namespace kinflow
