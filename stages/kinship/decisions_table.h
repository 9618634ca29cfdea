#pragma once

#include "pipeline/data/table.h"
#include "stages/kinship/decisions_file.h"

namespace kinflow::kinship {

/// decisions.tsv: the decisions that were applied, with the evidence they came with, then those
/// that a run proposes; column ORIGIN says whose each is, STATUS "applied" or "proposed". Given
/// back, the whole table applies again.
Table AllDecisions(const DecisionsFile& applied, const Table& proposals);

}  // namespace kinflow::kinship
