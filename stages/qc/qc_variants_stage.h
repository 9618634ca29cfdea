#pragma once

#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"

namespace kinflow {

/// Table-level stage "qc_variants": variant filters on the counts of everybody, and by what
/// "reference" says if the options remove by it. Shards follow those
/// of the counts. In a further round: on what was counted since of those that passed before.
class QcVariantsStage : public Stage {
 public:
  struct Setup {
    std::string counts = "counts";
    QcOptions options;
    std::string id = "qc_variants";
    std::string before = {}, recount = {};  // of the round before; "" = the first round
  };
  explicit QcVariantsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return setup_.id; }
  std::string_view kind() const override { return "qc_variants"; }
  uint32_t version() const override { return 3; }
  std::vector<std::string> inputs() const override;
  std::string options() const override { return setup_.options.VariantsJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  void RunAgain(RunContext& run, const StageKeys& keys) const;

  Setup setup_;
};

}  // namespace kinflow
