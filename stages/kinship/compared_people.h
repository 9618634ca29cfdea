#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/store/artifact_store.h"

namespace kinflow::kinship {

/// One byte a sample, 1 = a good sample by itself: whom QC kept, and whom it removed for what a
/// wrong pedigree does to good samples (Mendel errors, sex).
std::vector<uint8_t> GoodSamples(const ArtifactStore& store, const Manifest& qc);

/// One byte a sample, 1 = compared with others: good samples, whose pairs tell whether a pedigree
/// is wrong; those removed for too high a heterozygosity, as kinship with many tells contamination;
/// and controls, each of which should be the same as its copies and as nobody else.
std::vector<uint8_t> ComparedPeople(const ArtifactStore& store, const Manifest& qc);

}  // namespace kinflow::kinship
