#pragma once

#include <cstdint>
#include <vector>

#include "stages/formats/pgen_cursor.h"

namespace kinflow {

/// Sparse list of samples, each with a two-bit call if the list has values (PLINK 2 file format
/// specification, "Difflists").
struct Difflist {
  std::vector<uint32_t> samples;    // ascending
  const uint8_t* values = nullptr;  // four a byte, lowest bits first; views the record

  uint32_t value(size_t i) const { return (values[i / 4] >> (2 * (i % 4))) & 3; }
};

/// Reads the list at the cursor: groups of 64 samples, the first of each in full, the others as
/// distances. `samples` of the file. Throws kMalformed.
void ReadDifflist(PgenCursor& in, uint32_t samples, bool with_values, Difflist& list);

}  // namespace kinflow
