#pragma once

#include <cstdint>

#include "pipeline/data/dosage_tile.h"

namespace kinflow::kinship {

/// Bytes of a packed row: a multiple of 64.
inline size_t PackedBytes(uint32_t n_samples) { return (size_t{n_samples} + 255) / 256 * 64; }

/// Hard calls of row `r` as a two-bit row of PackedBytes(); haploid calls count as missing. Zeros
/// lie behind the last sample.
void PackRow(const DosageTile& tile, size_t r, double hard_call_threshold, uint8_t* out);

}  // namespace kinflow::kinship
