#pragma once

#include "stages/family/fixed_by_one.h"
#include "stages/family/sem/fiml.h"

namespace kinflow::family {

/// Which parameters of paths from exogenous variables (the constant, too) one cluster, or row where
/// there are no clusters, alone fixes: its residuals say nothing of them, and neither do robust
/// errors. `columns`: one a parameter of the model. Rows count where a variable is observed on
/// which the path acts.
FixedByOne FixedPaths(const SemData& data, const PathModel& model);

}  // namespace kinflow::family
