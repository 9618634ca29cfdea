#pragma once

#include <cstdint>

#include "pipeline/data/table.h"

namespace kinflow {

// Disclosure control of what goes to OUT/share. Pure functions of tables.

/// Ledger with every count of people or families from 1 to `small` - 1 written "<small", and the
/// OUT count of a step that removed so few written "NA" (it would follow by difference).
Table SuppressLedger(const Table& ledger, int64_t small);

/// variants.tsv.gz rows without AF, MAF, HWE_P and MENDEL_ERRORS where the minor allele count among
/// the people counted is below 20: such frequencies point at single persons.
Table SuppressRareVariants(const Table& variants);

/// Result tables (estimates, models, ...) without rows that rest on fewer than `small` people:
/// column "n", or "n_level" for the coefficient of a rare factor level. Counts of the row account
/// (column "count") from 1 to `small` - 1 are written "<small".
Table SuppressSmallModels(const Table& table, int64_t small);

}  // namespace kinflow
