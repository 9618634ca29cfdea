#pragma once

#include <string>

namespace kinflow {

/// Lists what a work folder (its artifacts) or an output folder (its tables) holds, each with the
/// command that shows it. False: neither, or an output folder without tables (that of `load`).
bool ListResults(const std::string& folder);

}  // namespace kinflow
