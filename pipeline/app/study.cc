#include "pipeline/app/study.h"

#include <fmt/format.h>

#include "pipeline/app/phenotypes.h"
#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/formats/pedigree_table.h"

namespace kinflow {
namespace {

Pedigree PedigreeOf(const LoadedConfig& config, const GenotypeInput& genotypes) {
  if (!config.root.At("pedigree").is_null()) {
    PedigreeOptions options = PedigreeOptionsFrom(config.root.At("pedigree"));
    options.file = JoinPath(config.base, options.file);
    return ReadPedigree(options);
  }
  PedigreeOptions options;
  options.file = genotypes.FamFile();
  return options.file.empty() ? Pedigree::Build({}, "") : ReadPedigree(options);
}

/// Samples that the pedigree lacks are legal; none in common is a wrong file.
void CheckOverlap(const Cohort& cohort, Log& log) {
  if (cohort.pedigree.people().empty()) return;
  uint32_t known = 0;
  for (uint32_t i = 0; i < cohort.samples->size(); ++i) {
    known += cohort.pedigree.Find(cohort.samples->iid(i)) >= 0 ? 1 : 0;
  }
  if (known == 0) {
    throw Error(ErrorId::kNoCommonSamples,
                fmt::format("none of the {} genotyped people is in the pedigree of {}",
                            cohort.samples->size(), cohort.pedigree.people().size()))
        .Remedy("compare the IID column of the pedigree with the sample names of the genotypes");
  }
  if (known < cohort.samples->size()) {
    log.Warn("{} of {} genotyped people are not in the pedigree; they count as founders",
             cohort.samples->size() - known, cohort.samples->size());
  }
}

/// Checksum files that were verified before, by content: (digest, stated MD5) pairs need no second
/// reading. Without digests (validate) nothing is hashed and nothing can be verified.
std::vector<InputInfo> Inventory(const GenotypeInput& genotypes, DigestCache* digests) {
  if (digests == nullptr) {
    return genotypes.Inventory([](const std::string&) { return Digest{}; },
                               [](const std::string&, const std::string&) { return true; });
  }
  return genotypes.Inventory([digests](const std::string& path) { return digests->DigestOf(path); },
                             {});
}

}  // namespace

Study::Study(const LoadedConfig& config, DigestCache* digests, Log& log)
    : config_(config.root), digests_(digests), genotypes_(config) {
  inventory_ = Inventory(genotypes_, digests);
  has_store_ = !genotypes_.is_bed() || config_.Text("dosage.store") == "always";
  small_cell_ = config_.Int("output.small_cell");
  qc_ = QcOptions::FromConfig(config_.At("qc"), genotypes_.hard_calls());
  scores_ = ScoreOptions::FromConfig(config_.At("scores"));
  cohort_ = Cohort::Build(genotypes_.samples(), PedigreeOf(config, genotypes_));
  CheckOverlap(*cohort_, log);
  score_files_ = ExpandScoreFiles(scores_.files, config.base);
  analyses_ = family::ReadAnalyses(config_.At("analyses"));
  if (analyses_.empty()) return;
  auto phenotypes = ReadPhenotypeFiles(config, *cohort_, digests, log);
  persons_ = std::make_shared<const family::PersonColumns>(std::move(phenotypes.persons));
  phenotype_files_ = std::move(phenotypes.files);
  phenotype_files_["pedigree"] = cohort_->pedigree.digest();
  CheckAnalyses();
}

void Study::CheckAnalyses() const {
  for (const auto& analysis : analyses_) {
    // Scores are known by name only after their files are read; an analysis that names one the
    // files do not hold fails in its own stage.
    const auto faults = family::CheckAnalysis(analysis, persons_->columns, analysis.scores);
    if (!faults.empty()) throw faults.front();
  }
}

}  // namespace kinflow
