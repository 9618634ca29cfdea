#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/table.h"

namespace kinflow::family {

/// The table `estimates` with the column `negative_control`: "yes" for effects of the child's score
/// on what was measured before its birth, which no behaviour of the child can bring about, else
/// "no"; "NA" for others' effects, and if no `waves` are named. `waves`: values of the wave in
/// pregnancy, or "all" for an outcome measured then alone. A wave that no model is of is warned of.
Table WithNegativeControl(const Table& estimates, const std::vector<std::string>& waves,
                          std::vector<std::string>& warnings);

/// Faults that need no data. `model`: the kind; `outcome_of`: whose the outcome is.
std::vector<Error> CheckNegativeControl(const std::vector<std::string>& waves,
                                        const std::string& model, const std::string& outcome_of);

}  // namespace kinflow::family
