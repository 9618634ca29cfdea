#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "pipeline/store/artifact_store.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/store_source.h"

namespace kinflow {

/// A sealed dosage store used as genotype input: the work folder of an earlier run, the folder that
/// `kinflow load` left, or the artifact folder itself. Of the output folder of a run with batches:
/// its joined cohort, in a store of its own (dosage.store: always) or out of those of the batches.
struct StoreInput {
  Manifest manifest;   // of joined batches: with the shards of them all
  StoreShards shards;  // of joined batches: of the first one
  SampleTablePtr samples;
  std::function<std::unique_ptr<GenotypeSource>()> open_joined;  // null: one store
  std::vector<std::string> joined_chroms;

  /// nullopt if `path` is not a folder. Throws kNotAStore (none or several stores in it), and what
  /// a damaged one throws.
  static std::optional<StoreInput> Find(const std::string& path);
  /// One shard file by itself, to look into: no manifest vouches for it.
  static StoreInput OfShard(const std::string& path);
  /// `keep` empty: everyone. Ids that the store lacks are ignored; throws kNoCommonSamples if none
  /// is left, kBadArgument if batches would have to be joined for some of their people.
  std::unique_ptr<GenotypeSource> Open(const std::vector<std::string>& keep = {}) const;
  /// Field and units as the store holds them.
  DosagePlan Dosages() const;
  /// Names of the chromosomes in the order of their first variants.
  std::vector<std::string> Chroms() const;
  /// "" = unknown.
  std::string Build() const;
  InputInfo Describe(const std::string& path) const;
};

}  // namespace kinflow
