#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/app/session.h"
#include "pipeline/app/store_input.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/selected_source.h"

namespace kinflow {

/// Chromosomes that the headers or tables of the files name, normalised, with lengths where stated;
/// empty if one of the files names none (it may hold any).
std::vector<ContigLine> ContigsOf(const GenotypePlan& plan);
std::vector<ContigLine> ContigsOf(const StoreInput& store);
/// Throws kBadArgument if a region lies on none of the contigs; none given = any may come.
void RequireRegions(const std::vector<ContigLine>& contigs, const RegionSetPtr& regions);

/// The genotype input of a run, settled from headers and first records: files, field, units, people
/// and variants to use. Reads no genotype body.
class GenotypeInput {
 public:
  /// Throws whatever is wrong with paths, headers, field or selections.
  explicit GenotypeInput(const LoadedConfig& config);

  /// Files and dosage plan; no files if the input is a dosage store.
  const GenotypePlan& plan() const { return plan_; }
  /// Set if the input is a dosage store of an earlier run.
  const std::optional<StoreInput>& store() const { return store_; }
  const SampleTablePtr& samples() const { return samples_; }
  /// True for .bed, .pgen and a dosage store: scanned where they lie, no store is made.
  bool has_random_access() const;
  bool hard_calls() const {
    return plan_.dosage.field == DosageField::kHardCalls || plan_.dosage.field == DosageField::kGt;
  }
  /// Genome build from config or headers; "" = unknown.
  const std::string& build() const { return build_; }
  /// Only variants at positions of the score files are read (ScorePositions).
  /// Ids in the list `input.variants`; 0 = no list.
  size_t listed_variants() const { return selection_.ids.size(); }
  bool only_scored() const { return only_scored_; }
  size_t removed_people() const { return removed_people_; }
  /// Of the lists input.samples and input.remove: what the log should warn of. Counts only.
  const std::vector<std::string>& list_warnings() const { return list_warnings_; }

  /// The source of one scan. The first one is that of planning(): tables beside the genotypes can
  /// be large. Not thread-safe.
  std::unique_ptr<GenotypeSource> Open() const;
  /// An opened source that nothing has been read from, to plan by; valid until the next Open.
  const GenotypeSource& planning() const;
  /// Everything that decides the tiles besides the files: label -> digest, for keys.
  std::map<std::string, Digest> Choices() const;
  /// .fam or .psam with parents beside a .bed or .pgen: the pedigree if the config names none; else
  /// "".
  std::string PedigreeFile() const;

 private:
  void ChooseRegions(const LoadedConfig& config);
  void ChoosePeople(const LoadedConfig& config, const SampleTable& all);

  GenotypeOptions options_;
  GenotypePlan plan_;
  VariantSelection selection_;
  RegionSetPtr asked_regions_;  // of the user; null = everywhere
  bool only_scored_ = false;
  std::optional<StoreInput> store_;
  mutable std::unique_ptr<GenotypeSource> opened_;
  SampleTablePtr samples_;
  std::string build_;
  size_t removed_people_ = 0;
  std::vector<std::string> list_warnings_;
};

}  // namespace kinflow
