#include "pipeline/graph/latest_keys.h"

#include <nlohmann/json.hpp>

#include "pipeline/base/file.h"

namespace kinflow {

LatestKeys::LatestKeys(const std::string& work_folder)
    : path_(JoinPath(work_folder, "latest.json")) {
  if (!FileExists(path_)) return;
  const auto root = nlohmann::json::parse(ReadFile(path_), nullptr, false);
  if (!root.is_object()) return;
  for (const auto& [id, entry] : root.items()) {
    if (!entry.is_object()) continue;
    const auto key = Digest::FromHex(entry.value("key", ""));
    if (key) entries_[id] = {entry.value("kind", ""), *key};
  }
}

std::optional<Manifest> LatestKeys::Find(ArtifactStore& store, const std::string& stage_id) const {
  const auto it = entries_.find(stage_id);
  if (it == entries_.end()) return std::nullopt;
  return store.Find(it->second.kind, it->second.key);
}

void LatestKeys::Remember(const std::string& stage_id, std::string_view kind, const Digest& key) {
  entries_[stage_id] = {std::string(kind), key};
}

void LatestKeys::Save() const {
  nlohmann::json root = nlohmann::json::object();
  for (const auto& [id, entry] : entries_) {
    root[id] = {{"kind", entry.kind}, {"key", entry.key.Hex()}};
  }
  WriteFileAtomically(path_, root.dump(1) + "\n");
}

}  // namespace kinflow
