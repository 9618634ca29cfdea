#pragma once

#include <string>

namespace kinflow {

/// What became of a person's rows in the analyses of the run whose output folder this is, a line
/// each: used, or why not. Found again from the inputs, which must be those of the run; a line says
/// so if they are not. `known`: the run has the person, so that it is told too if an analysis has
/// no row. "" = nothing to tell.
std::string AnalysesOf(const std::string& iid, const std::string& output, bool known);

}  // namespace kinflow
