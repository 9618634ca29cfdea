#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/scores/families/options.h"
#include "stages/scores/match_artifact.h"

namespace kinflow {

/// Streaming stage "family_scores": transmitted and non-transmitted scores, and those of parents
/// without genotypes (FamilySink). Scores that are not additive have none; they are told.
class FamilyScoreStage : public Stage {
 public:
  struct Setup {
    FamilyScoreOptions options;
    CohortPtr cohort;
    std::vector<std::string> scan_stages;            // ids of the stages the scanned data come from
    ScanRequest source;                              // "store" or "input"
    std::map<std::string, Digest> input_files = {};  // of a directly scanned input
    /// People whom QC kept, by the key of "match".
    std::function<std::vector<uint8_t>(RunContext&, const Digest&)> read_kept;
  };
  explicit FamilyScoreStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "family_scores"; }
  std::string_view kind() const override { return "family_scores"; }
  uint32_t version() const override { return 5; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.ToJson(); }
  std::optional<ScanRequest> scan() const override { return setup_.source; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

/// Leaves the additive scores; warnings about the others, and about unknown frequencies.
MatchedScores ForFamilies(MatchedScores scores, std::vector<std::string>& warnings);

}  // namespace kinflow
