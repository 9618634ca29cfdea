#include "pipeline/app/run_record.h"

#include <nlohmann/json.hpp>

#include "pipeline/base/file.h"

namespace kinflow {

nlohmann::json ReadRunRecord(const std::string& folder, const char* pointer, const char* file) {
  const std::string record = JoinPath(folder, file);
  if (!IsFolder(folder) || !FileExists(record)) return nullptr;
  const auto json = nlohmann::json::parse(ReadFile(record), nullptr, false);
  const nlohmann::json::json_pointer at(pointer);
  return json.is_object() && json.contains(at) ? json.at(at) : nullptr;
}

}  // namespace kinflow
