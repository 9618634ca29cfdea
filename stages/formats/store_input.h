#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stages/formats/genotype_registry.h"

namespace kinflow {

// A dosage store given as genotype input: by its manifest, or one of its shards by itself.

/// The manifest of the dosage store in a folder: an artifact folder, a work folder, or the output
/// folder of `kinflow load`. Throws kNotAStore if there is none, or more than one to choose from.
std::string StoreManifestIn(const std::string& folder);

bool SniffStore(std::string_view head);
/// Reads the manifest and attributes, chromosomes and samples of the shards. Throws kNotAStore,
/// kManifestDamaged, kShardMissing, kShardDamaged.
FileFacts ProbeStore(const std::string& path, const GenotypeOptions& options);
std::unique_ptr<FileSource> OpenStore(const std::string& path, const DosagePlan& plan,
                                      const std::vector<std::string>& keep,
                                      const VariantOrderPtr& order);

}  // namespace kinflow
