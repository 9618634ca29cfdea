#pragma once

#include <string>

namespace kinflow {

/// A message to somebody who gave options and has no config: keys that an option of a one-shot
/// command sets are named by it ("set input.field" -> "set --field").
std::string InOptions(std::string message);

}  // namespace kinflow
