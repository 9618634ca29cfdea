#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/kinship/concordance.h"

namespace kinflow::kinship {

inline constexpr std::string_view kConcordanceKind = "concordance";

/// Scan stage "concordance": calls of people whom "relatives" found twice (duplicates, controls,
/// monozygotic twins), by variant; of the variants that passed QC. Nobody found twice: no scan.
class ConcordanceStage : public Stage {
 public:
  struct Setup {
    ScanRequest scan;
    std::vector<std::string> inputs;  // stages that the scanned data come from
    std::string qc;                   // "qc": its variants; "" = all
    CohortPtr cohort;
    double hard_call_threshold = 0.1;
    std::map<std::string, Digest> files;  // inputs read directly
  };
  explicit ConcordanceStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "concordance"; }
  std::string_view kind() const override { return kConcordanceKind; }
  uint32_t version() const override { return 3; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override;
  std::optional<ScanRequest> scan() const override { return setup_.scan; }
  std::unique_ptr<TileSink> OpenSink(RunContext& run, const StageKeys& keys) const override;
  bool SettleWithoutScan(RunContext& run, const StageKeys& keys) const override;

 private:
  std::vector<PairOfSamples> Pairs(RunContext& run, const StageKeys& keys) const;

  Setup setup_;
};

/// Variants compared, and those of them that repeated samples often disagree on.
struct Disagreement {
  uint64_t variants = 0, compared = 0;
};
Disagreement DisagreementOf(const ArtifactStore& store, const Manifest& concordance);

/// concordance.tsv.
Table SharedConcordance(const ArtifactStore& store, const Manifest& concordance, int64_t small);
/// concordance_variants.tsv.gz: CHROM POS ID REF ALT BOTH_CALLED ONE_CALLED DISCORDANT OPPOSITE
/// DISCORDANCE REPEATS DEVIATING of the variants with a discordant pair.
void WriteConcordance(const ArtifactStore& store, const Manifest& concordance,
                      const std::string& path);

}  // namespace kinflow::kinship
