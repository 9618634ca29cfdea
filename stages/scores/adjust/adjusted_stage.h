#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/scores/adjust/adjust.h"

namespace kinflow {

/// What scores are adjusted by; null: not asked for.
struct AdjustInputs {
  std::shared_ptr<const Covariates> covariates;
  std::shared_ptr<const AncestryInput> ancestry;
};

/// Table-level stage "adjusted": scores as the analyses use them. Its key holds the values of the
/// covariates it uses and nothing else of the phenotype tables.
class AdjustedStage : public Stage {
 public:
  struct Setup {
    AdjustOptions options;
    std::shared_ptr<const Covariates> covariates;  // null: none asked for
    std::shared_ptr<const Covariates> places;  // principal components and group; null: not asked
    std::shared_ptr<const AncestryInput> ancestry;  // made of them
    Digest panel = {};                              // of its reference panel
    /// Stage whose components are among the covariates, and what makes the inputs anew with them;
    /// "" = none are.
    std::string components_stage = {};
    std::function<AdjustInputs(RunContext&, const Digest&)> with_components = {};
    CohortPtr cohort;
    std::string scores_stage = "scores";
    /// Sums under the key of that stage, by sample; NaN for people whom QC removed.
    std::function<family::ScoreColumns(RunContext&, const Digest&)> read_scores;
  };
  explicit AdjustedStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "adjusted"; }
  std::string_view kind() const override { return "adjusted"; }
  uint32_t version() const override { return 7; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.ToJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

/// Faults of the options that names alone tell: a composite of an unknown score or of fewer than
/// two, a name taken twice. `complete`: `scores` are all there are.
std::vector<Error> CheckAdjust(const AdjustOptions& options, const std::vector<std::string>& scores,
                               bool complete);

}  // namespace kinflow
