#pragma once

#include <map>
#include <string>

#include "pipeline/data/table.h"
#include "stages/kinship/decisions_file.h"

namespace kinflow::kinship {

/// People whom quality control removed: IID -> the filter.
using RemovedBy = std::map<std::string, std::string>;

/// decisions.tsv: the decisions that were applied, with the evidence they came with, then those
/// that a run proposes; column ORIGIN says whose each is, STATUS "applied", "proposed", "overruled
/// by FILTER" (a filter of quality control removed whom a run proposed to remove and the row
/// keeps), "absent" (the person is not known any more) or "no longer needed" (it is so without the
/// row, or there is no such conflict to keep). Given back, the whole table applies again.
/// `settled`: the conflicts that are there and were decided to stay, IID1 IID2 KIND; null: not
/// known.
Table AllDecisions(const DecisionsFile& applied, const Table& proposals, const RemovedBy& removed,
                   const Table* settled = nullptr);

/// Of AllDecisions(): those that wait for somebody to decide.
struct OpenDecisions {
  int64_t proposed = 0;
  int64_t high = 0;  // of these, of high confidence
};
OpenDecisions CountOpen(const Table& all);

/// "2 exchange, 1 set_father": how many rows of each action are applied, "" if none is; those of
/// which nothing is to be done are not. Rows that
/// remove somebody count people: fewer than `small_cell` are told as that.
std::string AppliedByAction(const DecisionsFile& file, int64_t small_cell);

/// Rows of the ledger, which count nobody: filters that overruled decisions, and whose these were.
/// No columns if there are none.
Table OverruledLedger(const DecisionsFile& applied, const RemovedBy& removed);

}  // namespace kinflow::kinship
