#pragma once

#include <map>
#include <string>
#include <vector>

#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// Mean and sd (n-1) of a score over the distinct scored people of the cohort's trios: everybody
/// for kCommonSd, those in the role for kOwn; 0 and 1 for kNone. Throws kNoEstimableTerm if the
/// score has no variance there.
ScoreScale ScaleOf(const Cohort& cohort, const std::vector<double>& values,
                   const std::string& score, const std::string& member, Standardise rule);

/// For alleles that a parent passed on, or did not (`members`: "t_mother", ... by sample of the
/// child): the mean of `member`, and one SD for all four, that of t_mother + t_father over the
/// children. kOwn: the member's SD. Throws kNoEstimableTerm.
ScoreScale AllelesScale(const Cohort& cohort,
                        const std::map<std::string, std::vector<double>>& members,
                        const std::string& score, const std::string& member, Standardise rule);

}  // namespace kinflow::family
