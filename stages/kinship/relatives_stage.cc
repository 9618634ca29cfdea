#include "stages/kinship/relatives_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/graph/progress.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/judged_pairs.h"
#include "stages/kinship/relatives_tables.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::kinship {
namespace {

GenomeSharing SharingOf(const ArtifactStore& store, const Manifest& calls) {
  GenomeSharing sharing;
  for (size_t i = 0; i < calls.shards.size(); ++i) {
    sharing.Add(store.Open(calls, i).ReadVariants("/variants"));
  }
  return sharing;
}

std::vector<uint64_t> MissingCalls(const ArtifactStore& store, const Manifest& counts,
                                   const Cohort& cohort) {
  const SampleCounts people = ReadSampleCounts(store, counts);
  std::vector<uint64_t> missing(cohort.samples->size());
  for (uint32_t s = 0; s < missing.size(); ++s) {
    missing[s] = FactsOf(people, s, cohort.sexes[s]).n_missing;
  }
  return missing;
}

}  // namespace

void RelativesStage::Run(RunContext& run, const StageKeys& keys) const {
  const Manifest calls = InputManifest(run.store, kCallsKind, keys, "kinship_calls");
  const Manifest found = InputManifest(run.store, kPairsKind, keys, "kinship");
  PairTotals totals;
  const std::vector<Pair> pairs = ReadPairs(run.store, found, totals);
  const std::vector<DeclaredPair> declared = DeclaredPairs(*setup_.cohort);
  const Expectations expected =
      ExpectationsOf(pairs, totals, declared, SharingOf(run.store, calls));
  const std::vector<JudgedPair> judged = JudgePairs(pairs, declared, expected);
  run.log.Info(
      "{}: {} pairs compared, {} listed; IBS0 of unrelated people {:.4f}, of parent and "
      "child {:.5f}",
      id(), totals.pairs, judged.size(), expected.unrelated_ibs0, expected.error_ibs0);
  const Manifest counts = InputManifest(run.store, kCountsKind, keys, "counts");
  const std::vector<Conflict> conflicts =
      FindConflicts(*setup_.cohort, judged, FindLinks(judged, totals, expected),
                    MissingCalls(run.store, counts, *setup_.cohort));
  run.log.Info("{}: {} disagreements with the pedigree", id(), conflicts.size());
  Manifest manifest = NewManifest(*this, keys);
  if (totals.undefined > 0) {
    manifest.warnings.push_back(
        fmt::format("kinship: {} of {} pairs have no kinship: one of the two has no heterozygous "
                    "call where both are called",
                    totals.undefined, totals.pairs));
    run.log.Warn("{}", manifest.warnings.back());
  }
  const auto out = run.store.BeginShard(kRelativesKind, keys.self, 0);
  out->file().WriteTable("/pairs", PairsTable(judged, *setup_.cohort->samples));
  out->file().WriteTable("/decisions", DecisionsTable(conflicts, judged, *setup_.cohort->samples));
  manifest.shards.push_back(out->Commit(judged.size()));
  run.store.Seal(manifest);
}

}  // namespace kinflow::kinship
