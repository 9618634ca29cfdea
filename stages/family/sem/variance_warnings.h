#pragma once

#include <string>
#include <vector>

#include "stages/family/sem/path_model.h"
#include "stages/family/sem/sem_fit.h"

namespace kinflow::family {

/// What makes a maximum improper: variances below zero (Heywood cases), or held at their bound, and
/// covariances that no variables can have (lavaan: "is not positive definite").
std::vector<std::string> VarianceWarnings(const PathModel& model, const SemMaximum& at);

}  // namespace kinflow::family
