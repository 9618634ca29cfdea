#pragma once

#include <string>
#include <vector>

#include "stages/family/sem/path_model.h"
#include "stages/family/sem/sem_fit.h"

namespace kinflow::family {

/// What is to be told of variances at a maximum: those below zero (Heywood cases), and those held
/// at their bound.
std::vector<std::string> VarianceWarnings(const PathModel& model, const SemMaximum& at);

}  // namespace kinflow::family
