#pragma once

#include <memory>

#include "pipeline/store/artifact_store.h"
#include "stages/scores/target_variants.h"

namespace kinflow {

/// The variants that scores may use: those that passed QC (artifact "qc"), or all that were counted
/// (artifact "counts") where no QC was asked for.
std::unique_ptr<TargetVariants> TargetOfQc(const ArtifactStore& store, Manifest qc);
std::unique_ptr<TargetVariants> TargetOfCounts(const ArtifactStore& store, Manifest counts,
                                               uint64_t founders);

}  // namespace kinflow
