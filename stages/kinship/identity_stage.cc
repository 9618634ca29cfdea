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
