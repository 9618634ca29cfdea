#include "stages/qc/genotype_errors_stage.h"

#include <algorithm>

#include "stages/qc/genotype_errors.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow {

std::map<std::string, Digest> GenotypeErrorsStage::files() const {
  auto files = setup_.files;
  files["cohort"] = setup_.cohort->digest();
  return files;
}

void GenotypeErrorsStage::Run(RunContext& run, const StageKeys& keys) const {
  const Cohort& cohort = *setup_.cohort;
  const std::vector<uint8_t> kept =
      KeptSamples(run.store, InputManifest(run.store, kQcSamplesKind, keys, setup_.samples));
  const MendelChecker mendel(cohort, kept, setup_.options.mendel_duos, setup_.options.mendel_rules);
  SampleCounts counts =
      ReadSampleCounts(run.store, InputManifest(run.store, kCountsKind, keys, setup_.counts));
  const CheckedChildren children(mendel, std::move(counts.trio_exposures), cohort.samples->size());
  GenotypeErrorsTable table;
  table.Add("all", "all", children, kept);
  for (const ChildGroups& groups : setup_.groups) {
    for (uint32_t level = 0; level <= groups.levels.size(); ++level) {
      const bool none = level == groups.levels.size();
      std::vector<uint8_t> chosen(kept);
      for (size_t s = 0; s < chosen.size(); ++s) {
        chosen[s] &= std::min<uint64_t>(groups.of[s], groups.levels.size()) == level ? 1 : 0;
      }
      table.Add(groups.factor, none ? "NA" : groups.levels[level], children, chosen);
    }
  }
  Manifest manifest = NewManifest(*this, keys);
  const auto out = run.store.BeginShard(kGenotypeErrorsKind, keys.self, 0);
  out->file().WriteTable("/errors", std::move(table).ToTable());
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
}

}  // namespace kinflow
