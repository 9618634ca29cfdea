#pragma once

#include <string>

#include "stages/family/fit.h"
#include "stages/report/analysis_disclosure.h"

namespace kinflow {

/// What `kinflow fit` prints at its end, all as others may see it, as it ends in logs of jobs: the
/// main table (unless `main_elsewhere`: on standard output), variances of random effects, indices
/// of path models, and what was asked for: tests of steps, variants and random effects, contrasts.
/// Of models whose answer is another table than the estimates, their tests.
std::string FitText(const family::FitResult& result, const family::FitOptions& options,
                    const AnalysisDisclosure& disclosure, bool main_elsewhere);

}  // namespace kinflow
