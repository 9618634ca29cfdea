#include "stages/kinship/identity_stage.h"

#include <algorithm>

#include "stages/kinship/identity.h"
#include "stages/qc/qc_artifacts.h"

namespace kinflow::kinship {

void IdentityStage::Run(RunContext& run, const StageKeys& keys) const {
  PairTotals totals;
  const auto pairs =
      ReadPairs(run.store, InputManifest(run.store, kPairsKind, keys, "kinship"), totals);
  const Table table = IdentityTable(*samples_, pairs);
  Manifest manifest = NewManifest(*this, keys);
  const auto& status = table.StringsOf("STATUS");
  run.log.Info("identity: {} people are in both genotypings", PairsById(*samples_).size());
  if (std::count(status.begin(), status.end(), "unknown") > 0) {
    manifest.warnings.emplace_back(
        "identity: of people with STATUS unknown nothing is told: too few variants are in common, "
        "or "
        "most people differ, as where alleles of the two genotypings are of different strands or "
        "ids are of different people; write both on one strand (plink --flip) and compare again");
    run.log.Warn("{}", manifest.warnings.back());
  }
  if (std::any_of(status.begin(), status.end(), [](const auto& s) { return s != "same"; })) {
    manifest.warnings.emplace_back(
        "identity: not all samples are of the person whose earlier sample has their id: see STATUS "
        "in identity.tsv");
    run.log.Warn("{}", manifest.warnings.back());
  }
  const auto out = run.store.BeginShard(kIdentityKind, keys.self, 0);
  out->file().WriteTable("/identity", table);
  manifest.shards.push_back(out->Commit(table.rows()));
  run.store.Seal(manifest);
}

}  // namespace kinflow::kinship
