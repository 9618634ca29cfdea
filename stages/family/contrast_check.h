#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/family/formula.h"

namespace kinflow::family {

/// Coefficients that contrasts name and the formula cannot have: theirs bear the names of
/// variables, those of factors with a level behind. `field`: of the key `contrasts`.
std::vector<Error> CheckContrasts(const std::vector<LinearCombination>& contrasts,
                                  const Formula& formula, const std::string& field);

}  // namespace kinflow::family
