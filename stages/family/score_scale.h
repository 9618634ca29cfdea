#pragma once

#include <string>
#include <vector>

#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// Mean and sd (n-1) of a score over the distinct scored people of the cohort's trios: everybody
/// for kCommonSd, those in the role for kOwn; 0 and 1 for kNone. Throws kNoEstimableTerm if the
/// score has no variance there.
ScoreScale ScaleOf(const Cohort& cohort, const std::vector<double>& values,
                   const std::string& score, const std::string& member, Standardise rule);

}  // namespace kinflow::family
