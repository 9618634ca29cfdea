#pragma once

#include "pipeline/data/table.h"
#include "pipeline/data/variant_table.h"

namespace kinflow {

/// Variants as a table to print: CHROM POS ID REF ALT INFO.
Table VariantsAsTable(const VariantTable& variants);

}  // namespace kinflow
