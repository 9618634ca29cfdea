#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/data/table.h"
#include "pipeline/graph/stage.h"
#include "pipeline/store/h5_file.h"
#include "stages/pca/options.h"

namespace kinflow::pca {

inline constexpr std::string_view kPcaKind = "pca";

// The artifact, one shard:
//   /eigenvalues        table: PC EIGENVALUE VARIANCE_SHARE ERROR SHRINKAGE
//   /scores             samples x components: the fitted people's eigenvectors, others projected
//   /fitted             u8 by sample
//   /call_rate          by sample, of the variants that vary
//   /variants           variants of the loadings
//   /loadings           variants x components; scores are (copies of ALT - 2 p) / sqrt(2 p (1 - p))
//                       times them, summed over variants, missing calls left out, times variants
//                       that vary / those with a call
//   /frequency          p by variant, among the fitted
// Attributes of /: variants (that vary), fitted, passes.

/// Table-level stage "pca": principal components of unrelated founders by the calls of
/// "kinship_calls", all others projected. Throws kTooFewSamples, kConfigReference.
class PcaStage : public Stage {
 public:
  struct Setup {
    CohortPtr cohort;
    std::string people_from;  // "qc": its kept people are used; "" = all
    PcaOptions options;
  };
  explicit PcaStage(Setup setup) : setup_(std::move(setup)) {}

  std::string id() const override { return "pca"; }
  std::string_view kind() const override { return kPcaKind; }
  uint32_t version() const override { return 5; }
  std::vector<std::string> inputs() const override;
  std::map<std::string, Digest> files() const override;
  std::string options() const override { return setup_.options.ToJson(); }
  void Run(RunContext& run, const StageKeys& keys) const override;

 private:
  std::vector<uint8_t> Kept(const RunContext& run, const StageKeys& keys) const;

  Setup setup_;
};

/// pca.tsv: FID IID PC1 ... FITTED CALL_RATE DISTANCE_SD OUTLIER; people of `kept`. DISTANCE_SD is
/// DistancesInSd() beside those fitted, or beside all where nobody is; OUTLIER if it is beyond
/// `outlier_sd`, 0 = nobody is judged.
Table PcaTable(const ArtifactStore& store, const Manifest& pca, const Cohort& cohort,
               const std::vector<uint8_t>& kept, double outlier_sd);
/// pca_eigenvalues.tsv.
Table EigenvaluesTable(const ArtifactStore& store, const Manifest& pca);
void WriteMatrix(H5Writer& file, const char* path, const Eigen::MatrixXd& matrix);

}  // namespace kinflow::pca
