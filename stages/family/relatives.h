#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "stages/family/model_frame.h"
#include "stages/kinship/pairs.h"

namespace kinflow::family {

/// Pairs below it count as unrelated (snipar's sparse_thresh); duplicates and monozygotic twins
/// have relatedness 1.
inline constexpr double kLeastRelatedness = 0.05;

/// Genotyped people that the pedigree relates in the third degree or closer, by sample.
std::vector<Relatives> PedigreeRelatives(const Cohort& cohort);

/// By KING-robust kinship, by sample.
std::vector<Relatives> GenotypeRelatives(const std::vector<kinship::Pair>& pairs);

/// True for columns of such a table that hold ids, in any case.
bool IsIdOfRelatives(const std::string& column);

/// Rows of a table with columns ID1, ID2 (or IID1, IID2) and one of relatedness, PropIBD and
/// KINSHIP, in any case; `code_of` gives a person's code, -1 = of no row; `strangers` becomes the
/// number of pairs with somebody of no row. Throws kColumnMissing;
/// kMalformed for a pair with two values and for values that are no relatedness.
std::vector<Relatives> RelativesOfTable(const Table& table,
                                        const std::function<int64_t(const std::string&)>& code_of,
                                        size_t& strangers);

}  // namespace kinflow::family
