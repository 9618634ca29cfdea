#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/table.h"
#include "stages/family/formula.h"

namespace kinflow::family {

/// The table `estimates` with the column `negative_control`: "yes" for effects of the child's score
/// on what was measured before its birth, which no behaviour of the child can bring about, else
/// "no"; "NA" for others' effects, and if there are no `names`: of waves in pregnancy, of outcomes
/// measured then (as in the table), or "all" for the only outcome. A name that no model is of is
/// warned of.
Table WithNegativeControl(const Table& estimates, const std::vector<std::string>& names,
                          std::vector<std::string>& warnings);

/// Names of outcomes as the table of estimates has them: the column `y` is "log(y)" there.
std::vector<std::string> NegativeControls(std::vector<std::string> names, const Formula& formula);

/// Faults that need no data. `model`: the kind; `outcome_of`: whose the outcome is; `outcomes`:
/// columns of the outcomes.
std::vector<Error> CheckNegativeControl(const std::vector<std::string>& names,
                                        const std::string& model, const std::string& outcome_of,
                                        const std::vector<std::string>& outcomes);

}  // namespace kinflow::family
