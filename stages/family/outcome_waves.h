#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/family/analysis.h"

namespace kinflow::family {

/// Outcomes that hold for all waves beside a column by wave: each value would stand in a row a wave
/// and count as many observations; and a cluster by wave where nothing else has waves. `formula`:
/// of the analysis, its outcome first among the columns. Throws kConfigReference for a column that
/// is not there.
std::vector<Error> CheckOutcomeWaves(const AnalysisOptions& options, const Formula& formula,
                                     const PersonColumns& persons,
                                     const std::vector<std::string>& scores);

}  // namespace kinflow::family
