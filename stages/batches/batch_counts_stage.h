#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "pipeline/graph/stage.h"

namespace kinflow {

/// Streaming stage "batch_counts:NAME", in the pass that loads the batch: allele frequencies of its
/// variants among all its people, and how it writes haploid genotypes. Its shards are those of the
/// batch's store.
class BatchCountsStage : public Stage {
 public:
  struct Setup {
    std::string batch;
    std::map<std::string, Digest> files;  // the genotype files and what decides their decoding
    std::vector<Sex> sexes;               // by sample of the batch
  };
  explicit BatchCountsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "batch_counts:" + setup_.batch; }
  std::string_view kind() const override { return "batch_counts"; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override { return {}; }
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return "{}"; }
  std::optional<ScanRequest> scan() const override { return ScanRequest{"batch:" + setup_.batch}; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
