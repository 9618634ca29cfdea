#include <tuple>

#include "pipeline/app/study.h"
#include "pipeline/data/sites_table.h"
#include "stages/plates/batch_info_stage.h"

namespace kinflow {

/// Batches that dosages were imputed in: those of the plates' table, else of the input.
void Study::ReadImputationBatches() {
  if (genotypes_.hard_calls() || genotypes_.has_earlier()) return;
  if (layout_ != nullptr) {
    for (const plates::Factor& factor : layout_->factors) {
      if (factor.name == "batch") imputed_in_ = std::make_shared<const plates::Factor>(factor);
    }
    if (imputed_in_ == nullptr) return;
    Hasher hasher;
    hasher.AddField(plates_.ColumnsJson());
    if (digests_ != nullptr) hasher.AddField(digests_->DigestOf(plates_.file).Hex());
    imputed_in_digest_ = hasher.Finish();
    return;
  }
  if (!has_batches()) return;
  plates::Factor batch;
  batch.name = "batch";
  Hasher hasher;
  for (const GenotypeSet& set : genotypes_.batches()) {
    batch.of.insert(batch.of.end(), set.samples->size(),
                    static_cast<uint32_t>(batch.levels.size()));
    batch.levels.push_back(set.name);
    hasher.AddField(set.name);
    hasher.AddField(uint64_t{set.samples->size()});
  }
  imputed_in_ = std::make_shared<const plates::Factor>(std::move(batch));
  imputed_in_digest_ = hasher.Finish();
}

void Study::AddBatchInfoStage(std::vector<std::unique_ptr<Stage>>& stages) const {
  if (imputed_in_ == nullptr) return;
  plates::BatchInfoStage::Setup setup;
  setup.scan = {ScanSource()};
  setup.inputs = ScanStages();
  setup.qc = has_qc() ? "qc" : "";
  if (qc_.batch_info_p > 0) std::tie(setup.qc, setup.people) = StagesOfLastRound();
  setup.cohort = cohort_;
  setup.batch = imputed_in_;
  setup.batch_digest = imputed_in_digest_;
  if (!has_store_) setup.files = GenotypeFiles();
  stages.push_back(std::make_unique<plates::BatchInfoStage>(std::move(setup)));
}

void Study::AddBatchInfoProducts(std::vector<Product>& products) const {
  if (imputed_in_ == nullptr) return;
  products.push_back({"batch_info", {"batch_info"}, false, OfFirst(plates::BatchInfoSummary), {}});
  products.push_back(
      {"batch_info_variants.tsv.gz",
       {"batch_info"},
       true,
       {},
       OfFirst([](const ArtifactStore& store, const Manifest& m, const std::string& path) {
         TsvWriter out(path);
         for (size_t i = 0; i < m.shards.size(); ++i) {
           const H5Reader file = store.Open(m, i);
           out.Append(WithSites(file.ReadVariants("/variants"), file.ReadTable("/info")));
         }
         out.Commit();
       })});
}

}  // namespace kinflow
