#pragma once

#include <map>
#include <string>

#include "pipeline/data/table.h"
#include "stages/kinship/decisions_file.h"

namespace kinflow::kinship {

/// People whom quality control removed: IID -> the filter.
using RemovedBy = std::map<std::string, std::string>;

/// decisions.tsv: the decisions that were applied, with the evidence they came with, then those
/// that a run proposes; column ORIGIN says whose each is, STATUS "applied", "proposed" or, of
/// somebody who was to be kept and was removed, "overruled by FILTER". Given back, the whole table
/// applies again.
Table AllDecisions(const DecisionsFile& applied, const Table& proposals, const RemovedBy& removed);

/// Rows of the ledger, which count nobody: filters that removed people who were to be kept, and
/// whose decisions these were. No columns if there are none.
Table OverruledLedger(const DecisionsFile& applied, const RemovedBy& removed);

}  // namespace kinflow::kinship
