#pragma once

#include <vector>

#include "pipeline/data/pedigree.h"
#include "stages/kinship/decisions_file.h"

namespace kinflow::kinship {

/// Decisions of an earlier release, of which nothing is to be done in this one. `samples` and
/// `people` as the inputs give them.

/// Sets decisions about people who are in neither of these aside (DecisionsFile::absent); where
/// such a person was to be made a parent, the parent is unknown. Returns how many rows have such
/// people. Only ids that a run wrote count: those of accepted proposals and of columns IID1, IID2,
/// PAIR_IID1 and PAIR_IID2. Others may be mistyped: they stay, for ApplyDecisions to refuse.
size_t SetAsideAbsent(const SampleTable& samples, const std::vector<Person>& people,
                      DecisionsFile& file);

/// Marks rows that say what is so without them (DecidedRow::needless): parents and sexes that are
/// declared so, and people to remove who have no sample.
void MarkNeedless(const SampleTable& samples, const std::vector<Person>& people,
                  DecisionsFile& file);

}  // namespace kinflow::kinship
