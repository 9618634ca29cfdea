#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/kinship/options.h"

namespace kinflow::kinship {

inline constexpr std::string_view kPruneKind = "kinship_pruned";

/// Scan stage "kinship_pruned": of the variants of "kinship_variants" those that are not correlated
/// with others nearby, in founders (LdPruner). One shard with "/passing" for the whole scan, which
/// begins anew if it is interrupted: windows reach across the borders of shards.
class PruneStage : public Stage {
 public:
  struct Setup {
    ScanRequest scan;                 // "input" or "store"
    std::vector<std::string> inputs;  // stages that the scanned data come from ("dosage")
    CohortPtr cohort;
    KinshipOptions options;
    std::map<std::string, Digest> files;  // inputs read directly
  };
  explicit PruneStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "kinship_pruned"; }
  std::string_view kind() const override { return kPruneKind; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.PruneJson(); }
  std::optional<ScanRequest> scan() const override { return setup_.scan; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow::kinship
