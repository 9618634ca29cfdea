#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kinflow {

inline constexpr const char* kRunJson = "run.json";
inline constexpr const char* kRunMark = ".running.json";  // while a run goes on: MarkRunning()

/// What the record (run.json) of the run whose output folder this is says at a JSON pointer
/// ("/config/output/folder"; "" = all of it); null if nothing, or if the folder is of no run.
/// `file`: the record, or the mark of a run without one.
nlohmann::json ReadRunRecord(const std::string& folder, const char* pointer,
                             const char* file = kRunJson);

}  // namespace kinflow
