#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"

namespace kinflow::kinship {

inline constexpr std::string_view kTrioDosagesKind = "trio_dosages";

/// Scan stage "trio_dosages": whether children's dosages can come from their parents', by the
/// variants that passed QC; people whom QC kept or removed for what a wrong pedigree does. The last
/// shard has table "/trios" (trio_dosages.tsv).
class TrioDosagesStage : public Stage {
 public:
  struct Setup {
    ScanRequest scan;
    std::vector<std::string> inputs;  // stages that the scanned data come from
    std::string qc;                   // "qc": its variants and people; "" = all
    CohortPtr cohort;
    std::map<std::string, Digest> files;  // inputs read directly
  };
  explicit TrioDosagesStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "trio_dosages"; }
  std::string_view kind() const override { return kTrioDosagesKind; }
  uint32_t version() const override { return 4; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return "{}"; }
  std::optional<ScanRequest> scan() const override { return setup_.scan; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow::kinship
