#pragma once

#include <string>
#include <vector>

#include "pipeline/data/table.h"
#include "stages/batches/batch_counts.h"
#include "stages/batches/join_pieces.h"

namespace kinflow {

/// A batch as it was loaded.
struct BatchFacts {
  std::string name;
  uint32_t samples = 0;
  uint32_t units = 1;  // per allele copy
  PloidyCounts ploidy;
};

/// The table of ReadBatchesTable (join_artifact.h).
Table MakeBatchesTable(const std::vector<BatchFacts>& batches,
                       const std::vector<BatchTotals>& totals);

/// Throws kNoVariantsLeft if nothing was joined, kFieldsDiffer if batches write haploid
/// genotypes in different ways.
void RequireJoinable(const Table& batches);

/// What the log says of a join: a line a batch, and what looks wrong.
struct JoinRemarks {
  std::vector<std::string> lines, warnings;
};
JoinRemarks RemarksOn(const Table& batches);

/// For OUT/share: numbers of people are left out if a batch has 1 to `small` - 1 of them.
Table SuppressBatches(const Table& batches, int64_t small);

/// Rows of the ledger, one a table, as no row follows from the one above: variants of each batch
/// that came in and were joined, and its people.
std::vector<Table> BatchesLedger(const Table& batches);

}  // namespace kinflow
