#pragma once

#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "pipeline/data/table.h"
#include "stages/kinship/pairs.h"

namespace kinflow::kinship {

/// Ends the ids of samples of an earlier genotyping, beside those of the same people.
inline constexpr const char* kEarlierSuffix = "@earlier";

/// Samples of both genotypings that have the same id, sorted.
std::vector<PairOfSamples> PairsById(const SampleTable& samples);

/// IID N_SNP CONCORDANCE KINSHIP STATUS BEST_IID BEST_CONCORDANCE BEST_KINSHIP: a row a person who
/// is in both genotypings, or whose sample is another person's of the earlier one. BEST_IID is the
/// person whose earlier sample is nearest to theirs, if it is one person's (duplicate or twin).
/// STATUS:
///   same       the two samples are one person's
///   exchanged  they are not, and the two samples of BEST_IID are theirs
///   other      they are not, and the earlier sample of BEST_IID is theirs
///   differs    they are not, and no earlier sample is theirs
///   renamed    there is no earlier sample of this id, and that of BEST_IID is theirs
///   duplicate  the same, but the sample of BEST_IID is theirs, too
///   unknown    no variant to compare by; or most people would be "differs", at least 10 of them
/// `pairs`: sorted, with all PairsById and all of one person.
Table IdentityTable(const SampleTable& samples, const std::vector<Pair>& pairs);

}  // namespace kinflow::kinship
