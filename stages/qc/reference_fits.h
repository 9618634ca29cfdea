#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "stages/qc/options.h"
#include "stages/qc/variant_facts.h"

namespace kinflow {

/// What stage "reference" found of variants, where the options remove by it; else nothing.
class ReferenceFits {
 public:
  /// The stage, for the inputs of those that judge variants; "" where nothing is removed by it.
  static std::string StageOf(const QcOptions& options);

  ReferenceFits(const ArtifactStore& store, const StageKeys& keys, const QcOptions& options);
  /// Sets `reference` of the facts of one shard of the counts.
  void SetOf(size_t shard, std::vector<VariantFacts>& facts) const;

 private:
  const ArtifactStore& store_;
  std::optional<Manifest> reference_;
};

}  // namespace kinflow
