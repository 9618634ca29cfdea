#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/store/artifact_store.h"
#include "stages/qc/variant_facts.h"

namespace kinflow {

/// What a stage outside quality control found of variants that it judges at last: of plates, for
/// one. The stage scans what the last round of filters left.
struct VariantFindings {
  std::string stage;
  /// Sets the facts of the variants at `rows` (plan order) of a shard of the counts.
  std::function<void(const ArtifactStore& store, const Digest& key, size_t shard,
                     const std::vector<uint64_t>& rows, std::vector<VariantFacts>& facts)>
      set;
};

}  // namespace kinflow
