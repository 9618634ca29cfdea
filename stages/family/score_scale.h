#pragma once

#include <map>
#include <string>
#include <vector>

#include "stages/family/trio_frame.h"

namespace kinflow::family {

/// Genotyped people of the cohort's trios, each once, in the order of samples: those in the role
/// `member`, "" = in any.
std::vector<uint32_t> PeopleOf(const Cohort& cohort, const std::string& member);

/// Mean and sd (n-1) of a score over those of `people` who have it. Throws kNoEstimableTerm if the
/// score has no variance there.
ScoreScale ScaleOf(const std::vector<uint32_t>& people, const std::vector<double>& values,
                   const std::string& score, const std::string& member);

/// For alleles that a parent passed on, or did not (`members`: "t_mother", ... by sample of the
/// child): the mean of `member`, and one SD for all four, that of t_mother + t_father over the
/// children; or, with `own`, the member's SD. Throws kNoEstimableTerm.
ScoreScale AllelesScale(const std::vector<uint32_t>& children,
                        const std::map<std::string, std::vector<double>>& members,
                        const std::string& score, const std::string& member, bool own);

}  // namespace kinflow::family
