#pragma once

#include <string>

namespace kinflow {

/// Lists what a work folder (its artifacts) or an output folder (its tables) holds, each with the
/// command that shows it. False: neither, or an output folder without tables (that of `load`).
bool ListResults(const std::string& folder);

/// Path of the result table `name` ("estimates", "samples") of an output folder; "" = there is
/// none.
std::string ResultTable(const std::string& folder, const std::string& name);

}  // namespace kinflow
