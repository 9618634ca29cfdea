#pragma once

#include <vector>

#include "pipeline/data/table.h"
#include "stages/kinship/conflict.h"
#include "stages/kinship/judged_pairs.h"

namespace kinflow::kinship {

/// pairs.tsv: one row a pair, STATE what the tests of it said: Link::told(), else "by chance"; P of
/// `chances` (ChancesOf). `unrelated_ibs0`: Expectations.
Table PairsTable(const std::vector<JudgedPair>& pairs, const std::vector<Link>& links,
                 const std::vector<double>& chances, const SampleTable& samples,
                 double unrelated_ibs0);
/// kinship_people.tsv, of a PairsTable: how many listed pairs a person is in, the sum of their
/// kinship (cryptic relatedness: a contaminated sample is a little related to many) and how many of
/// them are unexpected. People by IID; those of no pair have no row.
Table RelatedPeople(const Table& pairs);
/// What is proposed: one row a conflict, with the pair that shows it best.
Table DecisionsTable(const std::vector<Conflict>& conflicts, const std::vector<JudgedPair>& pairs,
                     const SampleTable& samples);

}  // namespace kinflow::kinship
