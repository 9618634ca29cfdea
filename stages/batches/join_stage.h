#pragma once

#include <string>
#include <vector>

#include "pipeline/graph/stage.h"

namespace kinflow {

/// Table-level stage "join": finds the variants that all batches have and where they lie in the
/// batches' stores. Seals what it found and then throws kNoVariantsLeft or kFieldsDiffer;
/// OpenJoined does so for a sealed one.
class JoinStage : public Stage {
 public:
  /// Names of the batches in their order; their stages are "batch:NAME" and "batch_counts:NAME".
  explicit JoinStage(std::vector<std::string> batches) : batches_(std::move(batches)) {}

  std::string id() const override { return "join"; }
  std::string_view kind() const override { return "join"; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override;
  std::string options() const override;
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  std::vector<std::string> batches_;
};

}  // namespace kinflow
