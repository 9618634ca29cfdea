#pragma once

#include <string>

namespace kinflow {

/// Lists what a work folder (its artifacts) or an output folder (its tables) holds, each with the
/// command that shows it. False: neither, or an output folder without tables (that of `load`).
bool ListResults(const std::string& folder);

/// Path of the result table `name` ("estimates", "samples") of an output folder; "" = there is
/// none.
std::string ResultTable(const std::string& folder, const std::string& name);

/// Folder of the artifact whose stage ("family:joint") or kind ("scores") is `name`: in a work
/// folder, or among those that the run of an output folder made or used; "" = there is none. Throws
/// kBadArgument if there are several.
std::string ArtifactNamed(const std::string& folder, const std::string& name);

/// "tables estimates, rows; artifacts counts, qc": what `ResultTable` and `ArtifactNamed` find.
std::string NamesIn(const std::string& folder);

}  // namespace kinflow
