#pragma once

#include <cstdint>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// True if a row has haploid calls.
bool AnyHaploid(const DosageTile& tile, size_t row);

/// Copies a row (stride_bytes) with the values of haploid calls doubled: PLINK's coding, one allele
/// = homozygous. Only of rows with flags.
void DoubleHaploid(const DosageTile& tile, size_t row, uint8_t* out);

}  // namespace kinflow
