#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/kinship/options.h"

namespace kinflow::kinship {

inline constexpr std::string_view kRelativesKind = "relatives";

/// Table-level stage "relatives": what the pairs found are to each other, against the pedigree. One
/// shard with tables "/pairs" (pairs.tsv) and "/decisions" (decisions.tsv).
class RelativesStage : public Stage {
 public:
  struct Setup {
    CohortPtr cohort;
  };
  explicit RelativesStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "relatives"; }
  std::string_view kind() const override { return kRelativesKind; }
  uint32_t version() const override { return 2; }
  std::vector<std::string> inputs() const override {
    return {"counts", "kinship_calls", "kinship"};
  }
  std::map<std::string, Digest> files() const override {
    return {{"cohort", setup_.cohort->digest()}};
  }
  std::string options() const override { return "{}"; }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow::kinship
