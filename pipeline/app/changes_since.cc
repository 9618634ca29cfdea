#include "pipeline/app/changes_since.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "pipeline/app/work_folder.h"
#include "pipeline/base/file.h"
#include "pipeline/graph/reason.h"

namespace kinflow {
namespace {

using nlohmann::json;

std::string ChangeLine(const char* what, std::vector<std::string> changes) {
  constexpr size_t kShown = 8;
  if (changes.empty()) return "";
  const size_t more = changes.size() - std::min(changes.size(), kShown);
  changes.resize(changes.size() - more);
  return fmt::format("{} changed since the last run: {}{}\n", what, fmt::join(changes, "; "),
                     more == 0 ? "" : fmt::format("; and {} more", more));
}

/// Digests by name of the files that are read whole; "" where a name is there twice.
using Digests = std::map<std::string, std::string>;

void AddDigest(const std::string& name, const std::string& digest, Digests& digests) {
  const auto [at, is_new] = digests.emplace(name, digest);
  if (!is_new) at->second.clear();
}

Digests WholeFileDigests(const json& inputs) {
  Digests digests;
  if (!inputs.is_array()) return digests;
  for (const json& input : inputs) {
    if (input.value("bytes_to_read", 0.0) < input.value("bytes", 0.0)) continue;
    AddDigest(input.value("file", ""), input.value("xxh3_128", ""), digests);
  }
  return digests;
}

std::vector<std::string> FileChanges(const json& last, const std::vector<InputInfo>& inputs) {
  const Digests before = WholeFileDigests(last);
  Digests now;
  for (const InputInfo& input : inputs) {
    if (input.bytes_to_read < input.bytes) continue;
    AddDigest(BaseName(input.path), input.digest.Hex(), now);
  }
  std::vector<std::string> changes;
  for (const auto& [name, digest] : now) {
    const auto then = before.find(name);
    if (then == before.end() || then->second.empty() || digest.empty()) continue;
    if (then->second != digest) changes.push_back(name);
  }
  return changes;
}

/// The config without what decides how fast it runs and nothing else.
std::string WithoutSpeed(json config) {
  if (const auto resources = config.find("resources"); resources != config.end()) {
    for (const char* key : {"threads", "memory", "tile_variants"}) resources->erase(key);
  }
  return config.dump();
}

}  // namespace

std::string ChangesSinceLastRun(const ConfigNode& root, const std::vector<InputInfo>& inputs,
                                const std::string& output_folder) {
  const std::string path = JoinPath(output_folder, "run.json");
  if (!FileExists(path)) return "";
  try {
    const json last = json::parse(ReadFile(path));
    return ChangeLine("settings", OptionChanges(WithoutSpeed(last.at("config")),
                                                WithoutSpeed(json::parse(root.ToJson())))) +
           ChangeLine("files", FileChanges(last.at("inputs"), inputs));
  } catch (const json::exception&) {  // no record of a run, or one that was changed by hand
    return "";
  }
}

std::string OtherWorkFolder(const std::string& output_folder, const std::string& work) {
  const std::string last = RecordedWorkFolder(output_folder);
  std::error_code none;
  if (last.empty() || std::filesystem::weakly_canonical(work, none) == last) return "";
  return fmt::format(
      "the last run into this output folder has its artifacts in {}, not in {} (resources.work): "
      "none of them is used\n",
      last, work);
}

}  // namespace kinflow
