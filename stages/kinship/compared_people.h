#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/store/artifact_store.h"

namespace kinflow::kinship {

/// One byte a sample, 1 = compared with others: whom QC kept, and whom it removed for what a wrong
/// pedigree does to good samples (Mendel errors, sex). Whether it is wrong is what comparing tells.
std::vector<uint8_t> ComparedPeople(const ArtifactStore& store, const Manifest& qc);

}  // namespace kinflow::kinship
