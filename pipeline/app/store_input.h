#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pipeline/data/sample_table.h"
#include "pipeline/store/artifact_store.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/input_inventory.h"

namespace kinflow {

/// A sealed dosage store used as genotype input: the work folder of an earlier run, the folder that
/// `kinflow load` left, or the artifact folder itself.
struct StoreInput {
  std::shared_ptr<const ArtifactStore> store;
  Manifest manifest;
  SampleTablePtr samples;

  /// nullopt if `path` is not a folder. Throws kNotAStore (none or several stores in it), and what
  /// a damaged one throws.
  static std::optional<StoreInput> Find(const std::string& path);
  std::unique_ptr<GenotypeSource> Open() const;
  /// Field and units as the store holds them.
  DosagePlan Dosages() const;
  InputInfo Describe(const std::string& path) const;
};

}  // namespace kinflow
