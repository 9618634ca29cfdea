#pragma once

#include "pipeline/data/table.h"
#include "pipeline/store/h5_file.h"

namespace kinflow {

/// Rows [first, first + rows) x the first `samples` samples of a dosage shard, as dosages: CHROM
/// POS ID REF ALT, then one column a sample ("sample 1", ...; never ids). Missing = NA.
Table ReadRegion(const H5Reader& file, uint64_t first, uint64_t rows, uint32_t samples);

/// A variant group as a table: CHROM POS ID REF ALT INFO.
Table VariantsAsTable(const VariantTable& variants);

}  // namespace kinflow
