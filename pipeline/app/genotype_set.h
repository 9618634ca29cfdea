#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/app/store_input.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/input_inventory.h"
#include "stages/formats/selected_source.h"

namespace kinflow {

/// Chromosomes that the headers or tables of the files name, normalised, with lengths where stated;
/// empty if one of the files names none (it may hold any).
std::vector<ContigLine> ContigsOf(const GenotypePlan& plan);
std::vector<ContigLine> ContigsOf(const StoreInput& store);

/// Genotype files of the same people, or one dosage store: the whole input of a run, or a batch of
/// it. Settled from headers and first records; no genotype body is read.
struct GenotypeSet {
  std::string name;                 // of the batch; "" = the input is this one set
  std::string id_suffix;            // of its people among those of all batches
  GenotypeOptions options;          // choice: who and which regions are read
  GenotypePlan plan;                // no files if it is a store
  std::optional<StoreInput> store;  // a dosage store of an earlier run
  std::string build;                // genome build that headers or store tell; "" = unknown
  SampleTablePtr samples;           // who is read; set with options.choice.keep

  /// Throws whatever is wrong with paths, headers or field.
  static GenotypeSet Probe(std::string name, GenotypeOptions options);

  /// All people of the files, whoever is read of them.
  const SampleTable& everybody() const;
  std::vector<ContigLine> contigs() const { return store ? ContigsOf(*store) : ContigsOf(plan); }
  bool hard_calls() const {
    return plan.dosage.field == DosageField::kHardCalls || plan.dosage.field == DosageField::kGt;
  }
  /// True for .bed, .pgen and a dosage store.
  bool has_random_access() const;
  /// `genome_build`: of the cohort; decides which part of X is pseudoautosomal.
  std::unique_ptr<GenotypeSource> Open(const VariantSelection& selection,
                                       const std::string& genome_build) const;
  /// Everything that decides the tiles besides the files: label -> digest, for keys.
  std::map<std::string, Digest> Choices(const VariantSelection& selection,
                                        const std::string& genome_build) const;
  std::vector<InputInfo> Inventory(const DigestOf& digest_of, const ChecksumKnown& known) const;
  /// Files whose digest Inventory() asks for; others have that of their ranges.
  std::set<std::string> FilesReadWhole() const;
};

/// The people of several batches, one batch after the other, each under a name that ends in the
/// batch's `id_suffix`. Throws kDuplicateSamples if two have one name.
SampleTablePtr JoinSamples(const std::vector<GenotypeSet>& batches);
/// The genome build that all batches have or leave open. Throws kBuildMismatch.
std::string CommonBuild(const std::vector<GenotypeSet>& batches);

}  // namespace kinflow
