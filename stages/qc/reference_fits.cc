#include "stages/qc/reference_fits.h"

#include "stages/qc/qc_artifacts.h"
#include "stages/qc/reference_stage.h"

namespace kinflow {

std::string ReferenceFits::StageOf(const QcOptions& options) {
  return options.reference.remove.empty() ? "" : "reference";
}

ReferenceFits::ReferenceFits(const ArtifactStore& store, const StageKeys& keys,
                             const QcOptions& options)
    : store_(store) {
  const std::string stage = StageOf(options);
  if (!stage.empty()) reference_ = InputManifest(store, kReferenceKind, keys, stage);
}

void ReferenceFits::SetOf(size_t shard, std::vector<VariantFacts>& facts) const {
  if (!reference_) return;
  const auto fits = ReadReferenceFits(store_.Open(*reference_, shard));
  for (size_t i = 0; i < facts.size(); ++i) facts[i].reference = fits.at(i);
}

}  // namespace kinflow
