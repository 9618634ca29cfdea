#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/dosage_tile.h"
#include "pipeline/kernels/counts.h"

namespace kinflow {

/// True if a row has haploid calls.
bool AnyHaploid(const DosageTile& tile, size_t row);

/// Copies a row (stride_bytes) with the values of haploid calls doubled: PLINK's coding, one allele
/// = homozygous. Only of rows with flags.
void DoubleHaploid(const DosageTile& tile, size_t row, uint8_t* out);

/// Adds those of `people` with a haploid genotype, doubled as there. Only of rows with flags;
/// `calls`: the row as two-bit calls; `sums`: null if there are no dosages.
void AddHaploid(const DosageTile& tile, size_t row, const uint8_t* calls,
                const std::vector<uint32_t>& people, CallCounts& counts, DosageSums* sums);

}  // namespace kinflow
