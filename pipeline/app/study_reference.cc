#include "pipeline/app/study.h"
#include "stages/qc/reference_stage.h"

namespace kinflow {

/// Founders' frequencies against those of another cohort.
void Study::AddReferenceStage(std::vector<std::unique_ptr<Stage>>& stages) const {
  const ReferenceOptions& options = qc_.reference;
  if (options.file.empty()) return;
  stages.push_back(std::make_unique<ReferenceStage>(
      ReferenceStage::Setup{options.file, digests_->DigestOf(options.file), options.limits}));
}

void Study::AddReferenceProducts(std::vector<Product>& products) const {
  if (qc_.reference.file.empty()) return;
  products.push_back({"reference", {"reference"}, false, OfFirst(ReferenceSummary), {}});
  products.push_back(
      {"reference_variants.tsv.gz", {"reference"}, true, {}, OfFirst(WriteReferenceVariants)});
}

}  // namespace kinflow
