#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/scores/checks/family_checks.h"

namespace kinflow {

/// Table-level stage "score_checks": scores in families (CheckFamilies). Artifact: one shard with
/// the table /checks.
class ScoreCheckStage : public Stage {
 public:
  struct Setup {
    CohortPtr cohort;
    std::string scores_stage;  // "scores" or "adjusted"
    std::function<CheckedScores(RunContext&, const Digest&)> open_scores;
  };
  explicit ScoreCheckStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "score_checks"; }
  std::string_view kind() const override { return "score_checks"; }
  uint32_t version() const override { return 3; }
  std::vector<std::string> inputs() const override { return {setup_.scores_stage}; }
  std::map<std::string, Digest> files() const override {
    return {{"pedigree", setup_.cohort->pedigree.digest()}};
  }
  std::string options() const override { return "{}"; }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
