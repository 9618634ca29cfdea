#pragma once

#include <cstdint>

#include "pipeline/data/table.h"

namespace kinflow {

// Disclosure control of what goes to OUT/share. Pure functions of tables.

/// Ledger whose counts of people and families do not tell of 1 to `small` - 1 persons, neither by
/// themselves ("<small"), nor as the difference of two rows (the later one is "NA"), nor as a part
/// of a sum within the row (a second member of the sum is "NA").
Table SuppressLedger(const Table& ledger, int64_t small);

/// The same for the ledger of steps `before`, held against the first row of `ledger` behind them,
/// which is shown: the rows nearest to it are hidden if they differ from it by a small number.
Table SuppressLedgerBefore(const Table& before, const Table& ledger, int64_t small);

/// True if a step of the ledger removed 1 to `small` - 1 people, mothers, fathers, children, trios
/// ...
bool FewRemoved(const Table& ledger, int64_t small);

/// True if 1 to `small` - 1 trios, or duos, are left.
bool FewFamilies(const Table& ledger, int64_t small);

/// Result tables (estimates, models, ...) without rows that rest on fewer than `small` people:
/// column "n" or "N", or "n_level" for what tells of fewer than "n" people. Counts of the row
/// account (column "count") from 1 to `small` - 1 are written "<small"; where that is one reason
/// alone, a second cell is "NA", as the first would follow from it.
Table SuppressSmallModels(const Table& table, int64_t small);

/// score_adjustment.tsv without scores of fewer than `small` people. Where 1 to `small` - 1 people
/// lost their score, N_DROPPED is "<small", and N and SCALE_N are "NA": the ledger tells how many
/// people there were before.
Table SuppressScoreAdjustment(const Table& table, int64_t small);

/// For tables of the people that QC left, where it removed few and the ledger hides how many: "N",
/// "SCALE_N", "DF" and "IMPOSSIBLE" are missing; "SE", "T", "P", "NEG_LOG10_P" and "UNRESOLVED",
/// from which they follow, have two digits.
Table HideCountsOfPeople(const Table& table);

}  // namespace kinflow
