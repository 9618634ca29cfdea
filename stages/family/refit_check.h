#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"

namespace kinflow::family {

/// A fault if `refit` is asked of a kind of model that no script can repeat.
std::vector<Error> CheckRefit(bool refit, const std::string& kind);

}  // namespace kinflow::family
