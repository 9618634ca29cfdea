#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/scores/options.h"
#include "stages/scores/target_variants.h"

namespace kinflow {

/// A score file and the digest of its content.
struct ScoreFileInput {
  std::string path;
  Digest digest;
  ScoreReading reading = {};
  bool continues = false;  // a part of the score that the file before it holds
};

/// Table-level stage "match": pairs the lines of all score files with the target variants. A file
/// that cannot be read and a score that fails are recorded (PASS, ERROR, MESSAGE), the others go
/// on. Files are taken in batches of 400,000 lines and more, with one pass over the target's
/// variant list each: memory grows neither with the number of scores nor with the target.
class MatchStage : public Stage {
 public:
  using OpenTarget = std::function<std::unique_ptr<TargetVariants>(RunContext&, const StageKeys&)>;
  struct Setup {
    ScoreOptions options;
    std::vector<ScoreFileInput> files;
    std::string build;                // of the genotypes; "" = unknown, not compared
    std::string dataset = "input";    // column `dataset` of summary and log
    std::vector<std::string> inputs;  // ids of the stages that OpenTarget reads
    OpenTarget open_target;
    std::map<std::string, Digest> target_files = {};  // if the target is a file, not a stage
    std::optional<ScoreFileInput> frequencies = {};   // in place of the target's own
    std::optional<ScoreFileInput> chain = {};         // positions on another build are lifted by it
    double min_lifted = 0.95;        // share of a file's positions that must have a place
    uint64_t batch_lines = 400'000;  // results do not depend on it, shard borders do
  };
  explicit MatchStage(Setup setup);

  std::string id() const override { return "match"; }
  std::string_view kind() const override { return "match"; }
  uint32_t version() const override { return 16; }
  std::vector<std::string> inputs() const override { return setup_.inputs; }
  std::map<std::string, Digest> files() const override;
  std::string options() const override;
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
