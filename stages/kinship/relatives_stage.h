#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/graph/stage.h"
#include "stages/kinship/conflict.h"
#include "stages/kinship/decisions_file.h"
#include "stages/kinship/options.h"
#include "stages/qc/options.h"
#include "stages/qc/sample_counts.h"

namespace kinflow::kinship {

inline constexpr std::string_view kRelativesKind = "relatives";
inline constexpr const char* kControlPairs = "/control_pairs";
inline constexpr const char* kSettled = "/settled";

/// Table-level stage "relatives": what the pairs found are to each other, against the pedigree. One
/// shard with tables "/pairs" (pairs.tsv), "/decisions" (what is proposed),
/// "/settled" (conflicts that were decided to stay), if the pedigree relates
/// nobody "/families" (FoundFamilies), and if there are controls "/control_pairs", which nothing is
/// proposed of.
class RelativesStage : public Stage {
 public:
  struct Setup {
    CohortPtr cohort;
    /// Counts of people: of the variants that are good enough to judge them by.
    std::string people_counts = "counts";
    KinshipOptions options;
    QcOptions qc;  // how sexes are told
    BirthYears years;
    /// Conflicts of these people were decided to stay as they are; ids, "" = nobody.
    std::vector<About> settled;
  };
  explicit RelativesStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "relatives"; }
  std::string_view kind() const override { return kRelativesKind; }
  uint32_t version() const override { return 22; }
  std::vector<std::string> inputs() const override {
    return {setup_.people_counts, "kinship_calls", "kinship"};
  }
  std::map<std::string, Digest> files() const override;
  std::string options() const override;
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  std::vector<SampleFacts> FactsOfPeople(const Manifest& counts, const ArtifactStore& store) const;
  Table TakeSettled(std::vector<Conflict>& conflicts) const;

  Setup setup_;
};

}  // namespace kinflow::kinship
