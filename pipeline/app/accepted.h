#pragma once

#include <string>

#include "pipeline/config/config_node.h"

namespace kinflow {

/// Reason that the config's `accept` gives for a loss ("score:PGS1") or its error ("E0431"); "" =
/// not accepted.
std::string AcceptedReason(const ConfigNode& root, const std::string& what,
                           const std::string& error);

}  // namespace kinflow
