#pragma once

#include <map>
#include <optional>
#include <string>

#include "pipeline/store/artifact_store.h"

namespace kinflow {

/// WORK/latest.json: run -> stage id -> (kind, key, seconds) of the last artifact sealed for it. A
/// run is named after its config: configs that share a work folder are not compared with each
/// other. Only explains (why a stage runs again, how long it took); nothing is ever reused through
/// it, so losing the file costs nothing.
class LatestKeys {
 public:
  LatestKeys(const std::string& work_folder, std::string run_name);
  /// Manifest of the last sealed artifact of a stage, if it is still there.
  std::optional<Manifest> Find(ArtifactStore& store, const std::string& stage_id) const;
  /// How long a stage last took, its pass included.
  std::optional<double> Seconds(const std::string& stage_id) const;
  /// Without `seconds` (from the cache) those of an earlier run stay.
  void Remember(const std::string& stage_id, std::string_view kind, const Digest& key,
                std::optional<double> seconds = std::nullopt);
  void Save() const;

 private:
  struct Entry {
    std::string kind;
    Digest key;
    std::optional<double> seconds;
  };
  std::string path_, run_name_;
  std::map<std::string, std::map<std::string, Entry>> runs_;
};

}  // namespace kinflow
