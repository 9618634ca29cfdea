#pragma once

#include <string>

#include "stages/family/model_frame.h"
#include "stages/family/sem/path_model.h"

namespace kinflow::family {

/// What a path is in the table of estimates: variance, covariance, loading, intercept, lag (of a
/// latent variable), covariate.
std::string RoleOf(const PathModel& model, const Path& path);

/// The effect that the path of a score of a member is; `role`: whose score it is. Beside another
/// member's score in the same equation: direct for the person whose outcome the path leads to, else
/// indirect; NA if it leads to a score, or to a factor of several people's outcomes. Alone: direct
/// if part of the score's effect goes another way, else total. NA for others.
std::string EffectOf(const ModelFrame& frame, const PathModel& model, const Path& path,
                     const std::string& role);

}  // namespace kinflow::family
