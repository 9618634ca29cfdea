#include "stages/qc/genotype_errors_stage.h"

#include "pipeline/graph/progress.h"
#include "stages/qc/genotype_errors.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow {

std::map<std::string, Digest> GenotypeErrorsStage::files() const {
  return {{"cohort", setup_.cohort->digest()}};
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
  Manifest manifest = NewManifest(*this, keys);
  const auto out = run.store.BeginShard(kGenotypeErrorsKind, keys.self, 0);
  out->file().WriteTable("/errors", std::move(table).ToTable());
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
}

}  // namespace kinflow
