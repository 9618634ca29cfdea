#pragma once

#include <cstdint>
#include <string_view>

#include "pipeline/data/dosage_tile.h"
#include "stages/formats/file_source.h"
#include "stages/formats/genotype_options.h"

namespace kinflow {

/// Whether nothing tells if the people of a record have one copy or two: it is on X, Y or MT, and
/// no GT stands beside its DS. The number of values of HDS and GP tells.
inline bool CopiesUntoldOfAll(DosageField field, std::string_view chrom, bool has_gt) {
  if (field != DosageField::kDs || has_gt) return false;
  const ChromClass c = ClassOfChrom(chrom);
  return c == ChromClass::kX || c == ChromClass::kY || c == ChromClass::kMt;
}

/// Counts such a record, whose `n_alt` rows begin at `row`, and whether one of its dosages is above
/// 1, as those of one copy never are.
inline void CountUntold(const DosageTile& tile, size_t row, uint32_t n_alt, DecodeCounts& counts) {
  bool above = false;
  for (size_t r = row; r < row + n_alt; ++r) {
    for (uint32_t s = 0; s < tile.n_samples && !above; ++s) {
      const uint32_t value = tile.At(r, s);
      above = value > tile.encoding.units_per_copy && value != tile.encoding.missing();
    }
  }
  ++counts.untold_records;
  counts.untold_above_one += above;
}

}  // namespace kinflow
