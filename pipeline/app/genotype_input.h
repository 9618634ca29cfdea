#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/app/genotype_set.h"
#include "pipeline/app/session.h"
#include "stages/formats/sample_ids.h"

namespace kinflow {

/// Throws kBadArgument if a region lies on none of the contigs; none given = any may come.
void RequireRegions(const std::vector<ContigLine>& contigs, const RegionSetPtr& regions);

/// The genotype input of a run, settled from headers and first records: files or batches of them,
/// field, units, people and variants to use. Reads no genotype body.
class GenotypeInput {
 public:
  /// Throws whatever is wrong with paths, headers, field or selections.
  explicit GenotypeInput(const LoadedConfig& config);

  /// Batches to be joined, in their order; none if the input is one set of files.
  const std::vector<GenotypeSet>& batches() const { return batches_; }
  /// The second of two batches is an earlier genotyping of the people of the first.
  bool has_earlier() const { return !batches_.empty() && !batches_.back().id_suffix.empty(); }
  /// Files and dosage plan; no files if the input is a dosage store or batches. Of batches the
  /// dosage plan is that of the joined values.
  const GenotypePlan& plan() const { return set_.plan; }
  /// Set if the input is a dosage store of an earlier run.
  const std::optional<StoreInput>& store() const { return set_.store; }
  /// By the ids of the files.
  const SampleTablePtr& samples() const { return samples_; }
  /// The same samples in the same order, by the ids that pedigree, phenotypes and lists have.
  const SampleTablePtr& people() const { return people_; }
  const SampleIds& ids() const { return ids_; }
  /// True for .bed, .pgen and a dosage store: scanned where they lie, no store is made. True for
  /// batches, which are joined out of stores of their own.
  bool has_random_access() const { return !batches_.empty() || set_.has_random_access(); }
  bool hard_calls() const { return set_.hard_calls(); }
  /// Genome build from config or headers; "" = unknown.
  const std::string& build() const { return build_; }
  /// Only variants at positions of the score files are read (ScorePositions).
  bool only_scored() const { return only_scored_; }
  /// Ids in the list `input.variants`; 0 = no list.
  size_t listed_variants() const { return selection_.ids.size(); }
  /// Ids in the list `input.exclude`.
  size_t excluded_variants() const { return selection_.excluded ? selection_.excluded->size() : 0; }
  /// Behind the scans of a run: warns of those that no variant has; "" if there are none or all
  /// came from the cache.
  std::string UnmatchedExclusions() const;
  size_t removed_people() const { return removed_people_; }
  /// Ids of input.remove: nothing of these people is used, genotyped or not.
  const std::unordered_set<std::string>& withdrawn() const { return withdrawn_; }
  /// Of the lists of people: what the log should warn of. Counts only.
  const std::vector<std::string>& list_warnings() const { return list_warnings_; }
  /// Lists of people to remove that name nobody, as the config's `accept` says they may.
  const std::vector<Error>& accepted_lists() const { return accepted_lists_; }

  /// The variants that are used; of batches by regions when they are loaded, by ids when joined.
  const VariantSelection& selection() const { return selection_; }
  /// The source of one scan of an input without batches. The first one is that of planning():
  /// tables beside the genotypes can be large. Not thread-safe.
  std::unique_ptr<GenotypeSource> Open() const;
  /// An opened source that nothing has been read from, to plan by; valid until the next Open. Of an
  /// input without batches.
  const GenotypeSource& planning() const;
  /// Of a batch.
  std::unique_ptr<GenotypeSource> OpenSet(const GenotypeSet& set) const;
  /// Everything that decides the tiles besides the files: label -> digest, for keys. Of batches:
  /// besides the join.
  const std::map<std::string, Digest>& Choices() const { return choices_; }
  std::map<std::string, Digest> ChoicesOf(const GenotypeSet& set) const;
  std::vector<InputInfo> Inventory(const DigestOf& digest_of, const ChecksumKnown& known) const;
  /// Files whose digest Inventory() asks for; others have that of their ranges.
  std::set<std::string> FilesReadWhole() const;
  /// .fam or .psam with parents beside a .bed or .pgen: the pedigree if the config names none; else
  /// "".
  std::string PedigreeFile() const;

 private:
  void ProbeBatches(const LoadedConfig& config);
  void ProbeEarlier(const LoadedConfig& config);
  void ChooseRegions(const LoadedConfig& config);
  void ChoosePeople(const LoadedConfig& config);
  void CompareHardCalls(const LoadedConfig& config);
  void NamePeople(const LoadedConfig& config);
  std::vector<GenotypeSet*> Sets();
  std::vector<ContigLine> Contigs();
  VariantSelection ReadSelection() const;
  std::map<std::string, Digest> MakeChoices() const;

  GenotypeSet set_;  // of batches: only its dosage plan
  std::vector<GenotypeSet> batches_;
  VariantSelection selection_;
  RegionSetPtr asked_regions_;  // of the user; null = everywhere
  bool only_scored_ = false;
  mutable std::unique_ptr<GenotypeSource> opened_;
  SampleIds ids_;
  SampleTablePtr samples_, people_;
  std::string build_;
  std::map<std::string, Digest> choices_;  // made once: regions can be many
  size_t removed_people_ = 0;
  std::unordered_set<std::string> withdrawn_;
  std::vector<std::string> list_warnings_;
  std::vector<Error> accepted_lists_;
};

}  // namespace kinflow
