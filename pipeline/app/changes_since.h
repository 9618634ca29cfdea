#pragma once

#include <string>
#include <vector>

#include "pipeline/config/config_node.h"
#include "stages/formats/input_inventory.h"

namespace kinflow {

/// The settings and input files that differ from those of the last run into the output folder, a
/// line each: stages tell what follows from them, not always which they are. "" if nothing does, or
/// if there was no run. Threads and memory, from which nothing follows, are left out.
std::string ChangesSinceLastRun(const ConfigNode& root, const std::vector<InputInfo>& inputs,
                                const std::string& output_folder);

/// A line if the artifacts of the last run into the output folder lie in another work folder than
/// `work`, so that nothing of them is used; "" if they do not, or if there are none.
std::string OtherWorkFolder(const std::string& output_folder, const std::string& work);

}  // namespace kinflow
