#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/store/artifact_store.h"
#include "stages/scores/target_variants.h"

namespace kinflow {

/// Rows (plan order, ascending, each once) that passing scores use.
std::vector<uint64_t> UsedRows(const ArtifactStore& store, const Manifest& match);

/// scores.sscore.vars: the ids of these rows, one a line (plink2's list-variants);
/// CHROM:POS:REF:ALT where there is none.
void WriteVariantList(const std::vector<uint64_t>& rows, TargetVariants& target,
                      const std::string& path);

}  // namespace kinflow
