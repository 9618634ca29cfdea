#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"

namespace kinflow {

inline constexpr std::string_view kGenotypeErrorsKind = "genotype_errors";

/// What children were genotyped in: "batch", "plate".
struct ChildGroups {
  std::string factor;
  std::vector<std::string> levels;
  std::vector<uint32_t> of;  // by sample: place in `levels`, or another number = none
};

/// Table-level stage "genotype_errors": Mendel errors and the rate of errors of genotypes that they
/// tell, of all children and by their groups (those of none as level "NA"), among the people and
/// variants that passed the first round of filters: variants are removed for their Mendel errors
/// behind it, which would hide what is estimated. One shard with table "/errors".
class GenotypeErrorsStage : public Stage {
 public:
  struct Setup {
    std::string counts = "recount", samples = "qc_samples";  // of the first round
    CohortPtr cohort;
    QcOptions options;
    std::vector<ChildGroups> groups = {};
    std::map<std::string, Digest> files = {};  // that tell the groups
  };
  explicit GenotypeErrorsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "genotype_errors"; }
  std::string_view kind() const override { return kGenotypeErrorsKind; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override { return {setup_.counts, setup_.samples}; }
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.CountsJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

}  // namespace kinflow
