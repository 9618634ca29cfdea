#include "pipeline/app/unused_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace kinflow {
namespace {

/// Names of the values that the config or the command line gives, with those of maps within.
void AddGiven(const std::string& name, const ConfigNode& node, std::vector<std::string>& given) {
  if (node.kind() == ConfigNode::Kind::kMap) {
    for (const auto& [key, member] : node.members()) AddGiven(name + "." + key, member, given);
  } else if (node.origin() != "default" && !node.is_null()) {
    given.push_back(name);
  }
}

void Warn(const std::string& part, const ConfigNode& node, const std::vector<std::string>& used,
          Log& log) {
  if (node.At("compute").origin() != "default") return;
  std::vector<std::string> given;
  AddGiven(part, node, given);
  std::erase_if(given, [&used](const std::string& name) {
    return std::find(used.begin(), used.end(), name) != used.end();
  });
  if (given.empty()) return;
  log.Warn("{}: given, but not used: {} is not computed; set {}.compute: true, or leave {} out",
           fmt::join(given, ", "), part, part, given.size() == 1 ? "it" : "them");
}

}  // namespace

void WarnOfUnusedKeys(const ConfigNode& root, Log& log) {
  if (root.Bool("pca.compute") || root.Has("pca.project")) return;
  Warn("pca", root.At("pca"), {}, log);
  // Relatives are looked for where components are fitted; decisions are applied in any run.
  if (!root.Bool("kinship.compute")) {
    Warn("kinship", root.At("kinship"), {"kinship.decisions"}, log);
  }
}

}  // namespace kinflow
