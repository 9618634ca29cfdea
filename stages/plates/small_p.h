#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pipeline/data/table.h"
#include "pipeline/store/artifact_store.h"

namespace kinflow::plates {

/// Of many tests: how many were made, and how many p-values chance does not explain.
struct SmallP {
  uint64_t tests = 0, small = 0;
};

/// Chance explains none that is below 1 % over all tests made (Bonferroni), as for relatives.
inline constexpr double kChanceOfAny = 0.01;
SmallP CountSmall(const Table::Doubles& p);

/// What a stage's tests found, by what was tested; only where something was found.
using SmallPs = std::map<std::string, SmallP>;

/// Variants by "plate" and "batch", of plate_effects.
SmallPs SmallOfEffects(const ArtifactStore& store, const Manifest& effects);
/// Plates by their wells ("edge"), components by "plate" and "batch", of plates.
SmallPs SmallOfPlates(const ArtifactStore& store, const Manifest& plates);
/// Variants whose quality differs between batches, of batch_info.
SmallP SmallOfBatchInfo(const ArtifactStore& store, const Manifest& info);

}  // namespace kinflow::plates
