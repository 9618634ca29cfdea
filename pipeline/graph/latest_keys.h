#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/store/artifact_store.h"

namespace kinflow {

/// WORK/latest.json: stage id -> (kind, key) of the last artifact sealed for it. Only explains (why
/// a stage runs again); nothing is ever reused through it, so losing the file costs nothing.
class LatestKeys {
 public:
  explicit LatestKeys(const std::string& work_folder);
  /// Manifest of the last sealed artifact of a stage, if it is still there.
  std::optional<Manifest> Find(ArtifactStore& store, const std::string& stage_id) const;
  void Remember(const std::string& stage_id, std::string_view kind, const Digest& key);
  void Save() const;

 private:
  struct Entry {
    std::string kind;
    Digest key;
  };
  std::string path_;
  std::map<std::string, Entry> entries_;
};

}  // namespace kinflow
