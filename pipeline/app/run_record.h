#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/base/hash.h"

namespace kinflow {

inline constexpr const char* kRunJson = "run.json";
inline constexpr const char* kRunMark = ".running.json";  // while a run goes on: MarkRunning()

/// Beside the record, for this machine alone: "work" and "config", the folders that the run's
/// artifacts lie in and that its relative paths start from.
inline constexpr const char* kRunFolders = ".folders.json";

/// What the record (run.json) of the run whose output folder this is says at a JSON pointer
/// ("/config/output/folder"; "" = all of it); null if nothing, or if the folder is of no run.
/// `file`: the record, the mark of a run without one, or kRunFolders.
nlohmann::json ReadRunRecord(const std::string& folder, const char* pointer,
                             const char* file = kRunJson);

/// Keys of the artifacts that the last run into an output folder made or used, by stage; empty if
/// it is the output folder of none.
std::map<std::string, Digest> RecordedKeys(const std::string& output);

}  // namespace kinflow
