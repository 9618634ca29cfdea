#include "stages/kinship/relatives_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/graph/progress.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/judged_pairs.h"
#include "stages/kinship/kinship.h"
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

/// Third-degree pairs stand out only if chance seldom takes unrelated people there.
std::string TooFewVariants(const std::vector<Pair>& pairs, uint64_t variants) {
  std::vector<double> errors;
  for (const Pair& pair : pairs) {
    if (const double error = KinshipError(pair.counts); error > 0) errors.push_back(error);
  }
  if (errors.empty()) return "";
  const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
  std::nth_element(errors.begin(), middle, errors.end());
  if (2 * *middle < kLeastThird) return "";
  return fmt::format(
      "kinship: by {} variants its standard error is {:.3f}: many pairs of third and second degree "
      "are there by chance; use more variants, or a larger kinship.min_kinship and pca.max_kinship",
      variants, *middle);
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
  uint64_t variants = 0;
  for (const ShardRecord& shard : calls.shards) variants += shard.rows;
  if (const std::string warning = TooFewVariants(pairs, variants); !warning.empty()) {
    manifest.warnings.push_back(warning);
    run.log.Warn("{}", warning);
  }
  const auto out = run.store.BeginShard(kRelativesKind, keys.self, 0);
  out->file().WriteTable("/pairs", PairsTable(judged, *setup_.cohort->samples));
  out->file().WriteTable("/decisions", DecisionsTable(conflicts, judged, *setup_.cohort->samples));
  manifest.shards.push_back(out->Commit(judged.size()));
  run.store.Seal(manifest);
}

}  // namespace kinflow::kinship
