#pragma once

#include <string>
#include <vector>

#include "stages/scores/match.h"

namespace kinflow {

/// What a user should know of a matched score; lost lines are never silent. `score`: its place in
/// `lines`. What fails the score is in its message.
std::vector<std::string> MatchWarnings(const std::string& name, const ScoreMatch& match,
                                       const ScoreLines& lines, size_t score, MatchBy by,
                                       const MatchRules& rules);

}  // namespace kinflow
