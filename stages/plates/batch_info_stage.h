#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "pipeline/graph/stage.h"
#include "stages/plates/layout.h"

namespace kinflow::plates {

inline constexpr std::string_view kBatchInfoKind = "batch_info";

/// Scan stage "batch_info": imputation quality by batch from the dosages of founders; autosomal
/// variants that passed QC. Shards follow the scan's: "/variants", their "/rows" and "/info"
/// (BatchInfoColumns).
class BatchInfoStage : public Stage {
 public:
  struct Setup {
    ScanRequest scan;
    std::vector<std::string> inputs;  // stages that the scanned data come from
    std::string qc;                   // "qc": its variants and people; "" = all
    /// Where "qc" waits for the tests: the stage that kept the people, and `qc` the one of
    /// variants.
    std::string people = {};
    CohortPtr cohort;
    std::shared_ptr<const Factor> batch;
    Digest batch_digest = {};             // what `batch` depends on
    std::map<std::string, Digest> files;  // inputs read directly
  };
  explicit BatchInfoStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "batch_info"; }
  std::string_view kind() const override { return kBatchInfoKind; }
  uint32_t version() const override { return 2; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return "{}"; }
  std::optional<ScanRequest> scan() const override { return setup_.scan; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

/// batch_info.tsv: BATCH VARIANTS MEAN_INFO INFO_BELOW_0.8, over the variants that say something
/// of the batch.
Table BatchInfoSummary(const ArtifactStore& store, const Manifest& info);

}  // namespace kinflow::plates
