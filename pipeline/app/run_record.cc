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

std::map<std::string, Digest> RecordedKeys(const std::string& output) {
  std::map<std::string, Digest> keys;
  const auto stages = ReadRunRecord(output, "/stages");
  if (!stages.is_array()) return keys;
  for (const auto& stage : stages) {
    if (!stage.is_object() || !stage.contains("id") || !stage.contains("key")) continue;
    if (!stage["id"].is_string() || !stage["key"].is_string()) continue;  // changed by hand
    const auto key = Digest::FromHex(stage["key"].get<std::string>());
    if (key) keys.emplace(stage["id"].get<std::string>(), *key);
  }
  return keys;
}

}  // namespace kinflow
