#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/graph/plan.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"

namespace kinflow::test {

/// A table of PLINK: fields at blanks, the header's names without '#'.
struct PlinkTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  static PlinkTable Read(const std::string& path);
  const std::string& At(size_t row, const std::string& column) const;
};

/// Equal to the digits that PLINK prints (six significant).
bool SameDigits(double ours, const std::string& theirs);

/// A pedigree of the people of a .fam file, `lines` changed by `edit` before reading.
Pedigree PedigreeOfFam(const std::string& path);

/// A genotype input, its cohort and a work folder of its own.
class QcRun {
 public:
  QcRun(std::vector<std::string> genotypes, const std::string& fam, std::string field = "auto");

  struct Settings {
    unsigned threads = 2;
    uint32_t tile_variants = 0;
    uint64_t shard_genotypes = 0;
    bool counts_only = false;  // the first scan alone
    bool reuse_counts = true;  // later counts follow from earlier ones where they can
  };
  /// Runs the whole QC plan. The outcome of each stage, in order of the plan.
  std::vector<StageOutcome> Run(const QcOptions& options) { return Run(options, Settings()); }
  std::vector<StageOutcome> Run(const QcOptions& options, const Settings& settings);
  void Count(const QcOptions& options);
  /// Artifact of a stage of the last run.
  Manifest Artifact(const std::string& stage) const;
  const ArtifactStore& store() const { return *store_; }
  const Cohort& cohort() const { return *cohort_; }

  /// Counts and variants of the last run's stage `counts`, all shards joined.
  VariantCounts Counts(VariantTable& variants) const;
  SampleCounts People() const;
  /// variants.tsv.gz of the last run, all parts joined.
  Table Variants() const;

 private:
  void AddFilterStages(const QcOptions& options, bool reuse_counts,
                       std::vector<std::unique_ptr<Stage>>& stages) const;

  std::vector<std::string> genotypes_;
  std::string field_;
  CohortPtr cohort_;
  std::unique_ptr<ArtifactStore> store_;
  std::map<std::string, Manifest> artifacts_;
};

}  // namespace kinflow::test
