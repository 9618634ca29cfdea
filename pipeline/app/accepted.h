#pragma once

#include <string>
#include <vector>

#include "pipeline/app/study_run.h"
#include "pipeline/config/config_node.h"

namespace kinflow {

/// Reason that the config's `accept` gives for a loss ("score:PGS1") or its error ("E0431"); "" =
/// not accepted.
std::string AcceptedReason(const ConfigNode& root, const std::string& what,
                           const std::string& error);

/// Entries of `accept` that no loss needed: mistyped, or the loss is gone.
std::vector<std::string> UnusedAccepts(const ConfigNode& root, const std::vector<Loss>& losses);

}  // namespace kinflow
