#include "stages/qc/qc_samples_stage.h"

#include <limits>

#include "pipeline/graph/progress.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"
#include "stages/qc/sex_cutoffs.h"

namespace kinflow {
namespace {

std::vector<SampleFacts> AllFacts(const Cohort& cohort, const SampleCounts& counts,
                                  const QcOptions& options) {
  std::vector<SampleFacts> facts;
  for (uint32_t s = 0; s < cohort.samples->size(); ++s) {
    facts.push_back(FactsOf(counts, s, cohort.sexes[s]));
  }
  InferSexes(options, facts);
  return facts;
}

Verdicts Judge(const std::vector<NamedFilter<SampleFilter>>& filters, const Cohort& cohort,
               const std::vector<SampleFacts>& facts, const SampleCounts& counts,
               const MendelChecker& mendel, std::vector<uint8_t>& kept) {
  Verdicts verdicts = Verdicts::For(filters);
  verdicts.code.assign(facts.size(), 0);
  verdicts.value.assign(facts.size(), std::numeric_limits<double>::quiet_NaN());
  for (size_t f = 0; f < filters.size(); ++f) {
    const SampleVerdict verdict = filters[f].filter->Judge({cohort, facts, counts, mendel, kept});
    for (size_t s = 0; s < facts.size(); ++s) {
      if (kept[s] == 0 || verdict.removed[s] == 0) continue;
      kept[s] = 0;
      verdicts.code[s] = static_cast<uint8_t>(f + 1);
      verdicts.value[s] = verdict.value[s];
    }
  }
  return verdicts;
}

}  // namespace

std::map<std::string, Digest> QcSamplesStage::files() const {
  std::map<std::string, Digest> files = {{"cohort", setup_.cohort->digest()}};
  const auto add = [&files](const char* name, const std::vector<std::string>& iids) {
    Hasher hasher;
    for (const std::string& iid : iids) hasher.AddField(iid);
    if (!iids.empty()) files[name] = hasher.Finish();
  };
  add("proposed decisions", setup_.options.removed_as_proposed);
  add("decisions of a person", setup_.options.removed_by_person);
  return files;
}

std::string QcSamplesStage::options() const { return setup_.options.SamplesJson(); }

void QcSamplesStage::Run(RunContext& run, const StageKeys& keys) const {
  const Cohort& cohort = *setup_.cohort;
  const Manifest input = InputManifest(run.store, kCountsKind, keys, setup_.counts);
  run.progress.Start(id(), cohort.samples->size(), "people");
  std::vector<uint8_t> kept(cohort.samples->size(), 1);
  const MendelChecker mendel(cohort, kept, setup_.options.mendel_duos);
  SampleCounts counts(cohort.samples->size(), mendel.trios().size(), false);
  counts += ReadSampleCounts(run.store, input);

  const std::vector<SampleFacts> facts = AllFacts(cohort, counts, setup_.options);
  const auto filters = MakeSampleFilters(setup_.options);
  const Verdicts verdicts = Judge(filters, cohort, facts, counts, mendel, kept);

  Manifest manifest = NewManifest(*this, keys);
  const auto out = run.store.BeginShard(kQcSamplesKind, keys.self, 0);
  out->file().Write("/kept", std::span<const uint8_t>(kept));
  verdicts.Write(out->file(), "/verdicts");
  out->file().WriteTable("/samples", MakeSamplesTable(cohort, facts, verdicts));
  out->file().WriteTable("/families", MakeFamiliesTable(cohort, mendel, counts, kept));
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
  run.progress.Finish();
}

}  // namespace kinflow
