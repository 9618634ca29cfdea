#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/pca/loadings.h"
#include "stages/pca/options.h"

namespace kinflow::pca {

inline constexpr std::string_view kLoadingsVariantsKind = "pca_variants";

/// Table-level stage "pca_variants": which variants of "counts" those of the loadings are, by
/// position and alleles in either order; strands are not guessed. Shards follow those of the counts
/// ("/passing", and for each of these rows "/loading" and "/swapped"). Throws kOverlapTooLow.
class LoadingsVariantsStage : public Stage {
 public:
  struct Setup {
    std::string qc;  // "qc" or "qc_variants": only variants that passed it; "" = all
    Digest loadings = {};
    PcaOptions options;
  };
  explicit LoadingsVariantsStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "pca_variants"; }
  std::string_view kind() const override { return kLoadingsVariantsKind; }
  uint32_t version() const override { return 1; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override { return {{"loadings", setup_.loadings}}; }
  std::string options() const override { return setup_.options.OverlapJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  Setup setup_;
};

/// Frequencies and loadings of the variants found, in plan order, of their own ALT.
struct FoundLoadings {
  std::vector<double> frequency;
  Eigen::MatrixXd loadings;
};
FoundLoadings FindLoadings(const ArtifactStore& store, const Manifest& variants,
                           const Loadings& loadings);

}  // namespace kinflow::pca
