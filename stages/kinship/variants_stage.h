#pragma once

#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/kinship/options.h"

namespace kinflow::kinship {

inline constexpr std::string_view kVariantsKind = "kinship_variants";

/// Table-level stage "kinship_variants": which variants people may be compared by: autosomal, with
/// enough calls, common enough in founders, outside the regions of long-range linkage
/// disequilibrium, and through QC if there was QC. Shards follow those of the counts ("/passing");
/// the last one has table "/filters". Throws kNoVariantsLeft.
class VariantsStage : public Stage {
 public:
  struct Setup {
    std::string counts = "counts";
    std::string qc;     // "qc": only variants that passed it; "" = all
    std::string build;  // of the genome; "" = unknown
    KinshipOptions options;
  };
  explicit VariantsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "kinship_variants"; }
  std::string_view kind() const override { return kVariantsKind; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override {
    return {{"genome build", HashBytes(setup_.build)}};
  }
  std::string options() const override { return setup_.options.VariantsJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow::kinship
