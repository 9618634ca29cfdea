#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/graph/stage.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow::plates {

/// Variants and people that quality control has left: of "qc", or, where that waits for the tests,
/// of the stages of its last round.
struct LeftByQc {
  /// `variants`: "qc" or a qc_variants stage; `people`: "" = that, else a qc_samples stage.
  LeftByQc(const ArtifactStore& store, const StageKeys& keys, const std::string& variants,
           const std::string& people);
  std::vector<uint64_t> rows;
  std::vector<uint8_t> kept;
};

}  // namespace kinflow::plates
