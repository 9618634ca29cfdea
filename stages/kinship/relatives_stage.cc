#include "stages/kinship/relatives_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/graph/progress.h"
#include "stages/kinship/call_groups.h"
#include "stages/kinship/judged_pairs.h"
#include "stages/kinship/kinship.h"
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

Table PairsTable(const std::vector<JudgedPair>& pairs, const SampleTable& samples) {
  const auto column = [&pairs](auto value) {
    std::vector<decltype(value(pairs.front()))> values;
    values.reserve(pairs.size());
    for (const JudgedPair& p : pairs) values.push_back(value(p));
    return values;
  };
  const auto count = [&](auto value) {
    return column([&](const JudgedPair& p) { return static_cast<int64_t>(value(p.pair.counts)); });
  };
  Table table;
  table.Add("IID1", column([&](const JudgedPair& p) { return samples.iid(p.pair.samples.first); }));
  table.Add("IID2",
            column([&](const JudgedPair& p) { return samples.iid(p.pair.samples.second); }));
  table.Add("N_SNP", count([](const PairCounts& c) { return c.n(); }));
  table.Add("HETHET", column([](const JudgedPair& p) { return HetHetShare(p.pair.counts); }));
  table.Add("IBS0", column([](const JudgedPair& p) { return Ibs0Share(p.pair.counts); }));
  table.Add("KINSHIP", column([](const JudgedPair& p) { return Kinship(p.pair.counts); }));
  table.Add("CLASS",
            column([](const JudgedPair& p) { return std::string(RelationName(p.found)); }));
  table.Add("DECLARED",
            column([](const JudgedPair& p) { return std::string(RelationName(p.declared)); }));
  table.Add("KINSHIP_SE", column([](const JudgedPair& p) { return KinshipError(p.pair.counts); }));
  table.Add("HETHET_CT", count([](const PairCounts& c) { return c.het_het; }));
  table.Add("IBS0_CT", count([](const PairCounts& c) { return c.ibs0; }));
  table.Add("HET1_HOM2_CT", count([](const PairCounts& c) { return c.het_hom; }));
  table.Add("HET2_HOM1_CT", count([](const PairCounts& c) { return c.hom_het; }));
  return table;
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
  manifest.shards.push_back(out->Commit(judged.size()));
  run.store.Seal(manifest);
}

}  // namespace kinflow::kinship
