#include "stages/qc/qc_first_stage.h"

#include <algorithm>
#include <mutex>

#include "pipeline/graph/progress.h"
#include "pipeline/graph/shards_at_once.h"
#include "stages/qc/call_rates.h"
#include "stages/qc/qc_artifacts.h"
#include "stages/qc/qc_tables.h"

namespace kinflow {
namespace {

uint64_t UnusualVariants(RunContext& run, const Manifest& counts) {
  CallRates all;  // of integers: any order
  std::mutex mutex;
  const size_t at_once = ShardsAtOnce(run.memory_bytes, counts.shards, kJudgedRowBytes);
  ForEachShard(counts.shards.size(), at_once, [&](size_t shard) {
    const H5Reader file = run.store.Open(counts, shard);
    CallRates part;
    part.Add(VariantCounts::Read(file), file.ReadVariants("/variants"));
    const std::lock_guard lock(mutex);
    all += part;
  });
  return all.Unusual();
}

}  // namespace

void QcFirstStage::Run(RunContext& run, const StageKeys& keys) const {
  const Cohort& cohort = *setup_.cohort;
  const uint32_t people = cohort.samples->size();
  const Manifest input = InputManifest(run.store, kCountsKind, keys, setup_.counts);
  run.progress.Start(id(), people, "people");
  std::vector<uint8_t> kept(people, 1);
  const MendelChecker mendel(cohort, kept, setup_.options.mendel_duos, setup_.options.mendel_rules);
  SampleCounts counts(people, mendel.trios().size(), false);
  counts += ReadSampleCounts(run.store, input);

  std::vector<SampleFacts> facts(people);
  for (uint32_t s = 0; s < people; ++s) {
    facts[s].call_rate_at_best = CallRates::AtBest(counts, s, 0);
  }
  QcOptions options = QcOptions::FromPreset("none");
  options.sample_call_rate_first = setup_.options.sample_call_rate_first;
  const auto filters = MakeSampleFilters(options);
  const auto groups = PeopleGroups::One(people);
  const auto judge = [&] {
    return filters.front().filter->Judge({cohort, facts, counts, mendel, kept, groups});
  };
  SampleVerdict verdict = judge();
  // With unusual variants left out call rates are no lower: of good data nothing more is read.
  if (std::count(verdict.removed.begin(), verdict.removed.end(), 0) < people) {
    const uint64_t unusual = UnusualVariants(run, input);
    for (uint32_t s = 0; s < people; ++s) {
      facts[s].call_rate_at_best = CallRates::AtBest(counts, s, unusual);
    }
    verdict = judge();
  }
  Verdicts verdicts = Verdicts::For(filters);
  for (uint32_t s = 0; s < people; ++s) {
    // Controls are left out as such, whatever their calls.
    const uint8_t removed = cohort.controls[s] == 0 ? verdict.removed[s] : 0;
    kept[s] = removed == 0;
    verdicts.code.push_back(removed);
    verdicts.value.push_back(verdict.value[s]);
  }
  const auto out = run.store.BeginShard(kQcSamplesKind, keys.self, 0);
  out->file().Write("/kept", std::span<const uint8_t>(kept));
  verdicts.Write(out->file(), "/verdicts");
  out->file().WriteTable("/families", MakeFamiliesTable(cohort, mendel, counts, kept));
  Manifest manifest = NewManifest(*this, keys);
  manifest.shards.push_back(out->Commit(0));
  run.store.Seal(manifest);
  run.progress.Finish();
}

}  // namespace kinflow
