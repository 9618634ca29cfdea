#pragma once

#include <string>

#include "stages/family/model_frame.h"
#include "stages/family/sem/fiml.h"

namespace kinflow::family {

struct SemRows {
  SemData data;
  RowSelection selection;  // rows in data, and why others are not
};

/// Rows of the frame for a model: those with all exogenous variables and, if there are no exogenous
/// variables, with at least one observed one. `name`: of the model, for messages. Throws
/// kModelFailed (a text column), kConstantOutcome, kAllMissing, kTooFewRows.
SemRows SelectSemRows(const ModelFrame& frame, const PathModel& model, const std::string& name);

}  // namespace kinflow::family
