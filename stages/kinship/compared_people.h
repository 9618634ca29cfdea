#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/store/artifact_store.h"

namespace kinflow::kinship {

/// One byte a sample, 1 = compared with others: whom QC kept, whom it removed for what a wrong
/// pedigree does to good samples (Mendel errors, sex), since comparing tells whether it is wrong,
/// and controls, of which each should be the same as its copies and as nobody else.
std::vector<uint8_t> ComparedPeople(const ArtifactStore& store, const Manifest& qc);

}  // namespace kinflow::kinship
