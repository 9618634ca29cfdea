#pragma once

#include <cstdint>

#include "pipeline/data/table.h"

namespace kinflow {

/// The table of Mendel errors (GenotypeErrorsTable) without what tells of few people: 1 to `small`
/// - 1 children or errors, of trios or of duos. Of everybody there are then the rates of both
/// together, as a count less what the ledger tells would be theirs; levels of a factor are left
/// out, with others that what is hidden cannot be told from. Shown are the
/// levels of one factor, the first, as factors may be parts of each other.
///
/// Errors are multiples of `small`, CHECKED and rates have two digits: variants.tsv.gz hides single
/// variants' few errors and few missing calls, which would follow from exact totals.
///
/// `few_removed`: QC removed few people, which the ledger hides (FewRemoved); children and errors
/// are "NA" throughout.
Table SuppressMendelErrors(const Table& errors, bool few_removed, int64_t small);

}  // namespace kinflow
