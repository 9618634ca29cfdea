#pragma once

#include <string>

namespace kinflow {

/// The work folder of the run whose output folder this is, as its run.json has it; "" = none is
/// there. A config tells where both lie, but not where the config lay: one beside the other is
/// found again wherever they were moved to; else it is where the run had it (kRunFolders).
std::string RecordedWorkFolder(const std::string& output);

/// The work folder that `folder` is, that lies in it (one-shot commands), or that it was made with;
/// "" = none.
std::string FindWorkFolder(const std::string& folder);

/// The same, for every command that is given one. Throws kMissingFile if there is no such folder,
/// or its run's work folder is gone; kBadArgument if it is neither work nor output folder.
std::string RequireWorkFolder(const std::string& folder);

}  // namespace kinflow
