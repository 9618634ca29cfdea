#pragma once

#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"
#include "stages/qc/variant_findings.h"

namespace kinflow {

/// Table-level stage "qc": the last word on every variant and person, and the ledger. Variants that
/// passed are judged once more by their counts among the people that were kept. One shard a shard
/// of the counts, then one with people, families and ledger. Throws kNoVariantsLeft or
/// kNoSamplesLeft after sealing; a later run that finds the artifact calls RequireSurvivors itself.
class QcStage : public Stage {
 public:
  /// Stages that judged variants, and people by those that passed.
  struct Round {
    std::string variants = "qc_variants", samples = "qc_samples";
  };
  struct Setup {
    std::string counts = "counts", recount = "recount";  // the latter of what the last round kept
    std::vector<Round> rounds = {Round()};
    std::string first = {};  // "qc_first", if there was a first look at people
    CohortPtr cohort;
    QcOptions options;
    std::vector<VariantFindings> findings = {};  // of what the last round left
  };
  explicit QcStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "qc"; }
  std::string_view kind() const override { return "qc"; }
  uint32_t version() const override { return 10; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override {
    return {{"cohort", setup_.cohort->digest()}};
  }
  std::string options() const override { return setup_.options.CallsJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
