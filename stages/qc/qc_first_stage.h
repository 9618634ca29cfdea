#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"

namespace kinflow {

/// Table-level stage "qc_first": people whose sample failed, by the counts of all variants, before
/// variants are judged. A few of them would take every variant below its call rate. Its artifact
/// has whom it kept, their verdicts and the trios as "qc_samples" has.
class QcFirstStage : public Stage {
 public:
  struct Setup {
    std::string counts = "counts";
    CohortPtr cohort;
    QcOptions options;
    std::string id = "qc_first";
  };
  explicit QcFirstStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return setup_.id; }
  std::string_view kind() const override { return "qc_samples"; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override { return {setup_.counts}; }
  std::map<std::string, Digest> files() const override {
    return {{"cohort", setup_.cohort->digest()}};
  }
  std::string options() const override { return setup_.options.FirstJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
