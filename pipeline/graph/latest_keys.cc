#include "pipeline/graph/latest_keys.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/base/file.h"

namespace kinflow {

LatestKeys::LatestKeys(const std::string& work_folder, std::string run_name)
    : path_(JoinPath(work_folder, "latest.json")), run_name_(std::move(run_name)) {
  if (!FileExists(path_)) return;
  const auto root = nlohmann::json::parse(ReadFile(path_), nullptr, false);
  if (!root.is_object()) return;
  for (const auto& [run, stages] : root.items()) {
    if (!stages.is_object()) continue;
    for (const auto& [id, entry] : stages.items()) {
      if (!entry.is_object() || !entry.contains("key") || !entry["key"].is_string()) continue;
      const auto key = Digest::FromHex(entry["key"].get<std::string>());
      if (!key || !entry.contains("kind") || !entry["kind"].is_string()) continue;
      Entry& known = runs_[run][id];
      known = {entry["kind"].get<std::string>(), *key, std::nullopt};
      if (entry.contains("seconds") && entry["seconds"].is_number()) {
        known.seconds = entry["seconds"].get<double>();
      }
    }
  }
}

std::optional<Manifest> LatestKeys::Find(ArtifactStore& store, const std::string& stage_id) const {
  const auto run = runs_.find(run_name_);
  if (run == runs_.end() || !run->second.contains(stage_id)) return std::nullopt;
  const Entry& entry = run->second.at(stage_id);
  return store.Find(entry.kind, entry.key);
}

std::optional<double> LatestKeys::Seconds(const std::string& stage_id) const {
  const auto run = runs_.find(run_name_);
  if (run == runs_.end() || !run->second.contains(stage_id)) return std::nullopt;
  return run->second.at(stage_id).seconds;
}

void LatestKeys::Remember(const std::string& stage_id, std::string_view kind, const Digest& key,
                          std::optional<double> seconds) {
  Entry& entry = runs_[run_name_][stage_id];
  entry = {std::string(kind), key, seconds ? seconds : entry.seconds};
}

void LatestKeys::Save() const {
  nlohmann::json root = nlohmann::json::object();
  for (const auto& [run, stages] : runs_) {
    for (const auto& [id, entry] : stages) {
      auto& object = root[run][id] = {{"kind", entry.kind}, {"key", entry.key.Hex()}};
      if (entry.seconds) object["seconds"] = *entry.seconds;
    }
  }
  WriteFileAtomically(path_, root.dump(1) + "\n");
}

}  // namespace kinflow
