#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "pipeline/graph/stage.h"

namespace kinflow::kinship {

inline constexpr std::string_view kIdentityKind = "identity";

/// Table-level stage "identity": whether the samples of two genotypings are of the same people
/// (IdentityTable), from the pairs of "kinship". One shard with table "/identity".
class IdentityStage : public Stage {
 public:
  explicit IdentityStage(SampleTablePtr samples) : samples_(std::move(samples)) {}

  std::string id() const override { return "identity"; }
  std::string_view kind() const override { return kIdentityKind; }
  uint32_t version() const override { return 2; }
  std::vector<std::string> inputs() const override { return {"kinship"}; }
  std::map<std::string, Digest> files() const override { return {{"samples", samples_->digest()}}; }
  std::string options() const override { return "{}"; }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  SampleTablePtr samples_;
};

}  // namespace kinflow::kinship
