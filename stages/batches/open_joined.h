#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/graph/genotype_source.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow {

/// The source of a sealed join. `batches`: names in their order; `samples`: of all of them. Throws
/// what JoinStage threw if it found nothing to join. `store` must outlive the source.
std::unique_ptr<GenotypeSource> OpenJoined(const ArtifactStore& store, const Manifest& join,
                                           const std::vector<std::string>& batches,
                                           SampleTablePtr samples);

/// The store of a batch that a join was made of. Throws kShardMissing if it is gone.
Manifest StoreOfBatch(const ArtifactStore& store, const Manifest& join, const std::string& batch);

}  // namespace kinflow
