#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"
#include "stages/qc/people_groups.h"

namespace kinflow {

/// Table-level stage "qc_samples": people and families filtered on the counts of the variants that
/// passed; in a further round those whom the round before kept.
class QcSamplesStage : public Stage {
 public:
  struct Setup {
    std::string counts = "sample_counts";
    CohortPtr cohort;
    QcOptions options;
    /// The stage that tells who is judged beside whom, and what reads its artifact; "" = all are.
    std::string groups = {};
    std::function<PeopleGroups(RunContext&, const Digest&)> read_groups = {};
    std::string id = "qc_samples";
    std::string before = {};  // the stage of the round before; "" = the first round
    std::string first = {};   // in the first round "qc_first", if there was a first look
  };
  explicit QcSamplesStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return setup_.id; }
  std::string_view kind() const override { return "qc_samples"; }
  uint32_t version() const override { return 10; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override;
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
