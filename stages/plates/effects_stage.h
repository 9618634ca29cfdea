#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/plates/layout.h"

namespace kinflow::plates {

inline constexpr std::string_view kEffectsKind = "plate_effects";

/// Scan stage "plate_effects": allele frequencies that differ between plates or batches, by the
/// generalised Cochran-Mantel-Haenszel test among founders, within sex; autosomal variants that
/// passed QC. Shards follow the scan's: "/variants", their "/rows" and "/effects" (PLATE_CHI2
/// PLATE_DF PLATE_P ...).
class EffectsStage : public Stage {
 public:
  struct Setup {
    ScanRequest scan;
    std::vector<std::string> inputs;  // stages that the scanned data come from
    std::string qc;                   // "qc": its variants and people; "" = all
    /// Where "qc" waits for the tests: the stage that kept the people, and `qc` the one of
    /// variants.
    std::string people = {};
    CohortPtr cohort;
    std::shared_ptr<const Layout> layout;
    Digest layout_file = {};
    std::string layout_columns = "{}";  // PlateOptions::ColumnsJson
    int64_t small_cell = 5;             // fewest founders of one sex in a level that counts
    double hard_call_threshold = 0.1;
    std::map<std::string, Digest> files;  // inputs read directly
  };
  explicit EffectsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "plate_effects"; }
  std::string_view kind() const override { return kEffectsKind; }
  uint32_t version() const override { return 4; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override;
  std::optional<ScanRequest> scan() const override { return setup_.scan; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow::plates
