#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/kinship/pairs.h"

namespace kinflow::pca {

/// By sample: 1 for founders among the `kept` (Cohort::FoundersAmong) of whom no two have a
/// kinship above `max_kinship`. The person with most such relatives left goes first, the later one
/// of equals, until none is left. People without a heterozygous call have no kinship and
/// are kept.
std::vector<uint8_t> UnrelatedFounders(const Cohort& cohort, const std::vector<uint8_t>& kept,
                                       const std::vector<kinship::Pair>& pairs, double max_kinship);

}  // namespace kinflow::pca
