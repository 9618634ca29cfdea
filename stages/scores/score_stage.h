#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "pipeline/graph/stage.h"
#include "stages/scores/options.h"

namespace kinflow {

/// Streaming stage "scores": sums of all passing scores over the matched variants, for all samples
/// of the scan (who is kept is decided where tables are written).
class ScoreStage : public Stage {
 public:
  struct Setup {
    ScoreOptions options;
    std::string match_stage = "match";     // id of the stage with the weights
    std::vector<std::string> scan_stages;  // ids of the stages the scanned data come from
    ScanRequest source;                    // "store" or "input"
    uint32_t n_samples = 0;
    std::vector<Sex> sex = {};                       // by sample of the scan
    std::map<std::string, Digest> input_files = {};  // of a directly scanned input
    /// By sample of the scan: whom QC kept before this match; empty = everybody.
    std::function<std::vector<uint8_t>(RunContext&, const Digest& match)> read_kept = {};
  };
  explicit ScoreStage(Setup setup);

  std::string id() const override { return "scores"; }
  std::string_view kind() const override { return "scores"; }
  uint32_t version() const override { return 10; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.ScoreJson(); }
  std::optional<ScanRequest> scan() const override { return setup_.source; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
