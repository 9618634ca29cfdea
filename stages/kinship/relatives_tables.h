#pragma once

#include <vector>

#include "pipeline/data/table.h"
#include "stages/kinship/conflict.h"
#include "stages/kinship/judged_pairs.h"

namespace kinflow::kinship {

/// pairs.tsv: one row a pair.
/// `unrelated_ibs0`: Expectations.
Table PairsTable(const std::vector<JudgedPair>& pairs, const SampleTable& samples,
                 double unrelated_ibs0);
/// What is proposed: one row a conflict, with the pair that shows it best.
Table DecisionsTable(const std::vector<Conflict>& conflicts, const std::vector<JudgedPair>& pairs,
                     const SampleTable& samples);

}  // namespace kinflow::kinship
