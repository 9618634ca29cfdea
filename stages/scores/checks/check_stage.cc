#include "stages/scores/checks/check_stage.h"

namespace kinflow {

void ScoreCheckStage::Run(RunContext& run, const StageKeys& keys) const {
  const auto checks =
      CheckFamilies(*setup_.cohort, setup_.open_scores(run, keys.inputs.at(setup_.scores_stage)));
  Manifest manifest = NewManifest(*this, keys);
  manifest.warnings = FamilyCheckWarnings(checks);
  for (const auto& warning : manifest.warnings) run.log.Warn("score_checks: {}", warning);
  auto shard = run.store.BeginShard(kind(), keys.self, 0);
  shard->file().WriteTable("/checks", FamilyChecksTable(checks));
  manifest.shards.push_back(shard->Commit(0));
  run.store.Seal(manifest);
}

}  // namespace kinflow
