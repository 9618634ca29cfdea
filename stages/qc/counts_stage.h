#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"

namespace kinflow {

/// Scan stage: counts of variants and people. The plan has it four times: "counts" of everything,
/// "first_recount" of all variants among the people whose sample did not fail, "sample_counts" of
/// the variants that passed, "recount" of these among the people that were kept;
/// and the last two again in each further round of filters; at last, where calls are set to
/// missing, "mendel_calls" of what "qc" left.
class CountsStage : public Stage {
 public:
  struct Setup {
    std::string id = "counts";
    ScanRequest scan;                 // "input" or "store"
    std::vector<std::string> inputs;  // stages that the scanned data come from ("dosage")
    std::string variants_from;        // "qc_variants", "qc": count its passing variants; "" = all
    std::string samples_from;         // "qc_samples": count its kept people; "" = all; no controls
    /// Artifact that this one equals if nothing was removed in between: "counts" for first_recount,
    /// that for sample_counts, "sample_counts" for recount.
    std::string counts_from;
    CohortPtr cohort;
    QcOptions options;
    std::map<std::string, Digest> files;  // inputs read directly
    bool frequencies_only = false;        // CountsSink::Setup
    /// Whose kept people `counts_from` counted; "" = all. Equal to samples_from: the two differ in
    /// variants; else in people.
    std::string counted_samples = {};
  };
  explicit CountsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return setup_.id; }
  std::string_view kind() const override { return "counts"; }
  uint32_t version() const override { return 10; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.CountsJson(); }
  std::optional<ScanRequest> scan() const override { return setup_.scan; }
  std::string scan_condition() const override;
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;
  bool SettleWithoutScan(RunContext& run, const StageKeys& keys) const override;

 private:
  bool narrows_variants() const { return setup_.samples_from == setup_.counted_samples; }
  std::vector<uint8_t> PeopleOf(const std::string& stage, RunContext& run,
                                const StageKeys& keys) const;

  Setup setup_;
};

}  // namespace kinflow
