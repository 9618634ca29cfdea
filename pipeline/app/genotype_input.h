#pragma once

#include <map>
#include <memory>
#include <string>

#include "pipeline/app/session.h"
#include "stages/formats/genotype_registry.h"
#include "stages/formats/selected_source.h"

namespace kinflow {

/// The genotype input of a run, settled from headers and first records: files, field, units, people
/// and variants to use. Reads no genotype body.
class GenotypeInput {
 public:
  /// Throws whatever is wrong with paths, headers, field or selections.
  explicit GenotypeInput(const LoadedConfig& config);

  const GenotypePlan& plan() const { return plan_; }
  const SampleTablePtr& samples() const { return samples_; }
  /// Hard calls on disk with random access: scanned where they lie, no store is made.
  bool is_bed() const { return plan_.files.front().format == GenotypeFormat::kBed; }
  bool hard_calls() const { return plan_.dosage.field == DosageField::kHardCalls ||
                                   plan_.dosage.field == DosageField::kGt; }
  /// Genome build from config or headers; "" = unknown.
  const std::string& build() const { return build_; }
  size_t removed_people() const { return removed_people_; }

  std::unique_ptr<GenotypeSource> Open() const;
  /// Everything that decides the tiles besides the files: label -> digest, for keys.
  std::map<std::string, Digest> Choices() const;
  /// .fam beside a .bed: the pedigree if the config names none.
  std::string FamFile() const;

 private:
  GenotypeOptions options_;
  GenotypePlan plan_;
  std::shared_ptr<const IdSet> variant_ids_;
  SampleTablePtr samples_;
  std::string build_;
  size_t removed_people_ = 0;
};

}  // namespace kinflow
