#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/exit_code.h"
#include "pipeline/graph/stage.h"

namespace kinflow {

/// What a plan will do with a stage.
enum class StageStatus {
  kCached,  // sealed under this key: nothing to do
  kResume,  // some shards of it are committed
  kRun,
};

struct PlannedStage {
  const Stage* stage = nullptr;
  StageKeys keys;
  StageStatus status = StageStatus::kRun;
  std::string reason;  // "weights.txt changed", "qc.variant.maf: 0.01 -> 0.005", "first run"
  std::optional<double>
      last_seconds;  // of the run's last artifact of this stage, its pass included
};

/// The stages of a run in order of dependence with keys, status and reasons: a value that can be
/// printed without running anything.
///
/// key = XXH3-128(kind, version, options, keys of inputs, digests of files, shard size of scans).
class Plan {
 public:
  /// `stages` must name their inputs before use (any order). Throws kInternal on a cycle or an
  /// unknown input. `shard_genotypes` enters the keys of streaming stages: partial sums follow
  /// shards. Reasons compare with the last run of this name (the config); of stages that it never
  /// had with the artifacts of `last_keys`, those of the last run into the same output folder.
  Plan(std::vector<std::unique_ptr<Stage>> stages, ArtifactStore& store, uint64_t shard_genotypes,
       std::string run_name = "", const std::map<std::string, Digest>& last_keys = {});

  const std::vector<PlannedStage>& stages() const { return planned_; }
  const PlannedStage& at(const std::string& id) const;
  bool Has(const std::string& id) const;
  const std::string& run_name() const { return run_name_; }
  /// Passes over genotype data that the run will make, each with the stages that share it.
  std::vector<std::vector<std::string>> Passes() const;

  std::string ToText() const;
  std::string ToJson() const;
  std::string ToDot() const;

 private:
  std::vector<std::unique_ptr<Stage>> owned_;
  std::vector<PlannedStage> planned_;
  std::string run_name_;
};

/// Opens the genotypes of a scan; called when the scan starts, so that it may read the store that
/// an earlier stage sealed.
using SourceFactory = std::function<std::unique_ptr<class GenotypeSource>(const ScanRequest&)>;

/// What became of one stage.
struct StageOutcome {
  std::string id;
  std::string status;  // "cached", "done", "failed", "skipped"
  std::string error;   // formatted, if failed
  ExitCode exit_code = ExitCode::kOk;
  double seconds = 0;
};

/// Runs what the plan says is not cached. Streaming stages that are ready and ask for the same scan
/// share one pass. A stage that fails on input data (exit 4) lets stages that do not depend on it
/// go on; every other error ends the run and is thrown.
/// `until_error` receives what had ended when an error is thrown.
std::vector<StageOutcome> Execute(const Plan& plan, RunContext& run, const SourceFactory& open,
                                  std::vector<StageOutcome>* until_error = nullptr);

}  // namespace kinflow
