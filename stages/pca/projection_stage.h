#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "pipeline/graph/stage.h"
#include "stages/pca/options.h"
#include "stages/qc/people_groups.h"

namespace kinflow::pca {

/// Table-level stage "pca" in place of PcaStage: everybody on the loadings of other people. Its
/// artifact is PcaStage's without loadings, and with "/ancestry" if there is a reference. Throws
/// kColumnMissing, kMalformed, kTooFewRows of the reference.
class ProjectionStage : public Stage {
 public:
  struct Setup {
    CohortPtr cohort;
    PcaOptions options;
    Digest loadings = {};
    std::optional<Digest> reference;
  };
  explicit ProjectionStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "pca"; }
  std::string_view kind() const override { return "pca"; }
  uint32_t version() const override { return 5; }
  std::vector<std::string> inputs() const override { return {"pca_variants", "pca_calls"}; }
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.ProjectionJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

/// The most similar group of each person; typical of it are those whom it is told of with
/// confidence.
PeopleGroups AncestryGroups(const ArtifactStore& store, const Manifest& pca);
/// pca_ancestry.tsv: FID IID GROUP PROBABILITY DISTANCE_P CONFIDENT IN_REFERENCE, P_ of each group;
/// people of `kept`.
Table AncestryTable(const ArtifactStore& store, const Manifest& pca, const Cohort& cohort,
                    const std::vector<uint8_t>& kept);

}  // namespace kinflow::pca
