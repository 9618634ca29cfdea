#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/app/session.h"
#include "stages/formats/batch_source.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/selected_source.h"

namespace kinflow {

/// Ids of a sample list, and how many of them no genotype file has.
struct ListedPeople {
  size_t listed = 0, unknown = 0;
};

/// The genotype input of a run, settled from headers and first records: files, field, units, people
/// and variants to use. Reads no genotype body. Several batches are joined (batch_source.h).
class GenotypeInput {
 public:
  /// Throws whatever is wrong with paths, headers, field or selections.
  explicit GenotypeInput(const LoadedConfig& config);

  const SampleTablePtr& samples() const { return samples_; }
  const DosageEncoding& encoding() const { return encoding_; }
  bool is_joined() const { return parts_.size() > 1; }
  /// Hard calls on disk with random access: scanned where they lie, no store is made.
  bool is_bed() const {
    return !is_joined() && parts_.front().plan.files.front().format == GenotypeFormat::kBed;
  }
  bool hard_calls() const;
  /// Genome build from config or headers; "" = unknown.
  const std::string& build() const { return build_; }
  size_t removed_people() const { return removed_people_; }
  const ListedPeople& keep_list() const { return keep_list_; }
  const ListedPeople& remove_list() const { return remove_list_; }
  /// Positions that are read, null = all; only_scored: because scores need no others.
  const RegionSetPtr& regions() const { return regions_; }
  bool only_scored() const { return only_scored_; }

  /// `report`: what the join of several batches found, once it is at its end.
  std::unique_ptr<GenotypeSource> Open(JoinReport report = {}) const;
  std::vector<InputInfo> Inventory(const DigestOf& digest_of,
                                   const ChecksumKnown& checksum_known) const;
  /// Everything that decides the tiles besides the files: label -> digest, for keys.
  std::map<std::string, Digest> Choices() const;
  /// .fam beside a .bed: the pedigree if the config names none.
  std::string FamFile() const;

 private:
  struct Part {  // the input, or one batch of it
    std::string name;
    GenotypeOptions options;
    GenotypePlan plan;
  };
  void ReadParts(const LoadedConfig& config);
  void ChooseRegions(const LoadedConfig& config);
  void ChoosePeople(const LoadedConfig& config);
  void SettleBuild();

  std::vector<Part> parts_;
  RegionSetPtr regions_;
  bool only_scored_ = false;
  std::shared_ptr<const IdSet> variant_ids_;
  SampleTablePtr samples_;
  DosageEncoding encoding_;
  std::string build_;
  size_t removed_people_ = 0;
  ListedPeople keep_list_, remove_list_;
};

}  // namespace kinflow
