#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/kinship/options.h"

namespace kinflow::kinship {

/// Scan stage "kinship_calls" ("pca_calls" for variants of loadings): the calls of the chosen
/// variants, laid out for comparing people.
class CallsStage : public Stage {
 public:
  struct Setup {
    std::string id = "kinship_calls";
    ScanRequest scan;                 // "input" or "store"
    std::vector<std::string> inputs;  // stages that the scanned data come from ("dosage")
    /// The stage whose artifact, of a kind of the same name, lists the variants ("/passing").
    std::string variants_from;
    uint32_t n_samples = 0;
    KinshipOptions options;
    std::map<std::string, Digest> files;  // inputs read directly
  };
  explicit CallsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return setup_.id; }
  std::string_view kind() const override { return "kinship_calls"; }
  uint32_t version() const override { return 2; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override { return setup_.files; }
  std::string options() const override { return setup_.options.CallsJson(); }
  std::optional<ScanRequest> scan() const override { return setup_.scan; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow::kinship
