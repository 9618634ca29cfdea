#pragma once

#include <vector>

#include "stages/family/analysis.h"

namespace kinflow::family {

/// Faults of an analysis of model ptdt (none of others) that names alone tell: scores of one member
/// on a scale of its own, the outcome of a parent, a formula of anything but the scores of a trio.
std::vector<Error> CheckTransmission(const AnalysisOptions& options, const Formula& formula,
                                     const ModelFrame& roles);

}  // namespace kinflow::family
