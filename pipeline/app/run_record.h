#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace kinflow {

/// What the record (run.json) of the run whose output folder this is says at a JSON pointer
/// ("/config/output/folder"); null if nothing, or if the folder is of no run.
nlohmann::json ReadRunRecord(const std::string& folder, const char* pointer);

}  // namespace kinflow
