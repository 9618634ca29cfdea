#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/sample_table.h"
#include "pipeline/graph/stage.h"

namespace kinflow {

/// Streaming stage "dosage", or "batch:NAME" of a batch of the input: writes every variant of the
/// input, losslessly, to the dosage store: one file a scan shard (pipeline/store/README.md). QC
/// marks variants and people, it never removes them here, so a changed threshold does not decode
/// the input again.
class DosageStage : public Stage {
 public:
  struct Setup {
    std::map<std::string, Digest> files;  // the genotype files and what decides their decoding
    SampleTablePtr samples;
    std::string field;  // FORMAT field of the source or "bed", for readers of the store
    std::string build;  // genome build, "" = unknown
    /// What to say if no variant is read; null = that the selection is empty.
    std::function<Error()> fault_of_none;
    std::string id = "dosage";        // "batch:NAME" for a batch of the input
    std::string source = "input";     // of the scan
    std::vector<std::string> inputs;  // stages that the scanned data come from
  };
  explicit DosageStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return setup_.id; }
  std::string_view kind() const override { return "dosage"; }
  uint32_t version() const override { return 11; }
  std::vector<std::string> inputs() const override { return setup_.inputs; }
  std::map<std::string, Digest> files() const override { return setup_.files; }
  std::string options() const override { return "{}"; }
  std::optional<ScanRequest> scan() const override { return ScanRequest{setup_.source}; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
