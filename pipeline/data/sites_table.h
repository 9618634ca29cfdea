#pragma once

#include "pipeline/data/table.h"
#include "pipeline/data/variant_table.h"

namespace kinflow {

/// Columns CHROM, POS, ID, REF, ALT, a row a variant: how every table of variants begins.
Table SitesTable(const VariantTable& variants);
/// The same with the columns of `table` behind them.
Table WithSites(const VariantTable& variants, const Table& table);

}  // namespace kinflow
