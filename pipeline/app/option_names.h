#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kinflow {

/// A message to somebody who gave options and has no config: keys that an option of a one-shot
/// command sets are named by it ("set input.field" -> "set --field").
std::string InOptions(std::string message);

/// Keys of the config that are called like an option that `command` lacks, to be given by --set:
/// "--maf" of qc is "qc.variant.maf". Those of the command's own part, if there are any, and none
/// if there are many.
std::vector<std::string> KeysCalled(std::string_view option, std::string_view command);

}  // namespace kinflow
