#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/plates/layout.h"

namespace kinflow::plates {

inline constexpr std::string_view kPlatesKind = "plates";

/// Table-level stage "plates": call rates by plate, batch and well, and components against them.
/// One shard with tables "/plates", "/wells" and "/components".
class PlatesStage : public Stage {
 public:
  struct Setup {
    std::string people_counts = "counts";  // "sample_counts" behind the QC of variants
    std::string components;                // "pca": its components are tested; "" = none
    CohortPtr cohort;
    std::shared_ptr<const Layout> layout;
    Digest layout_file = {};
    std::string layout_columns = "{}";  // PlateOptions::ColumnsJson
  };
  explicit PlatesStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "plates"; }
  std::string_view kind() const override { return kPlatesKind; }
  uint32_t version() const override { return 3; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.layout_columns; }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

// Made by the stage.

/// FACTOR LEVEL N CALL_RATE N_EDGE CALL_RATE_EDGE N_INNER CALL_RATE_INNER EDGE_P: a row a plate and
/// a batch, and one of all plates together (LEVEL "all").
Table PlatesTable(const Layout& layout, const std::vector<double>& call_rate);
/// PLATE WELL ROW COLUMN EDGE IID CALL_RATE: what a heat map of the plates shows; empty without
/// plates.
Table WellsTable(const Layout& layout, const std::vector<double>& call_rate,
                 const SampleTable& samples);
/// FACTOR PC N LEVELS F DF1 DF2 P: one-way analysis of variance among founders. `scores`: samples x
/// components.
Table ComponentsTable(const Layout& layout, const std::vector<double>& scores, size_t components,
                      const std::vector<uint8_t>& founders);

}  // namespace kinflow::plates
