#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/kinship/options.h"
#include "stages/kinship/pairs.h"

namespace kinflow::kinship {

/// Table-level stage "kinship": counts of all pairs of people; keeps those at or above
/// `min_kinship` and those the pedigree relates. One shard a strip of people (call_groups.h), with
/// the pairs of its people and all later ones. Throws kMemoryBudget if not even two strips fit.
class PairsStage : public Stage {
 public:
  struct Setup {
    uint32_t n_samples = 0;
    std::vector<uint8_t> controls;      // Cohort::controls
    std::string people_from;            // "qc": who is compared by it (ComparedPeople); "" = all
    std::vector<PairOfSamples> always;  // sorted: kept whatever their kinship
    KinshipOptions options;
    std::map<std::string, Digest> files;  // what `always` and `controls` depend on
  };
  explicit PairsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "kinship"; }
  std::string_view kind() const override { return kPairsKind; }
  uint32_t version() const override { return 3; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override { return setup_.files; }
  std::string options() const override { return setup_.options.PairsJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow::kinship
