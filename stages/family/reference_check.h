#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/family/formula.h"

namespace kinflow::family {

/// Faults of reference levels that are of no column among the formula's terms. `field`: of the key
/// `reference`. `by_paths`: of a model told by paths, which has no factors.
std::vector<Error> CheckReference(const std::map<std::string, std::string>& reference,
                                  const Formula& formula, bool by_paths, const std::string& field);

}  // namespace kinflow::family
