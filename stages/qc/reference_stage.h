#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/table.h"
#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"
#include "stages/qc/reference_fit.h"

namespace kinflow {

inline constexpr std::string_view kReferenceKind = "reference";

/// Table-level stage "reference": founders' allele frequencies, as "counts" has them, against those
/// of a file. Shards follow those of the counts; one with the table "/summary" comes behind them.
/// Throws kNoVariantMatched if the file has none of the variants.
class ReferenceStage : public Stage {
 public:
  struct Setup {
    std::string file;
    Digest digest = {};
    ReferenceLimits limits;
    /// Variants that are held at once: the file is read again for each such part.
    uint64_t part_variants = 4'000'000;
  };
  explicit ReferenceStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "reference"; }
  std::string_view kind() const override { return kReferenceKind; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override { return {"counts"}; }
  std::map<std::string, Digest> files() const override { return {{"reference", setup_.digest}}; }
  std::string options() const override;
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

/// What the stage found of the variants of one shard of the counts.
std::vector<ReferenceFit> ReadReferenceFits(const H5Reader& shard);
/// STATUS VARIANTS PALINDROMIC: how many variants, and how many of them are A/T or C/G.
Table ReferenceSummary(const ArtifactStore& store, const Manifest& reference);
/// reference_variants.tsv.gz: what is neither absent from the reference nor agrees with it.
void WriteReferenceVariants(const ArtifactStore& store, const Manifest& reference,
                            const std::string& path);

}  // namespace kinflow
