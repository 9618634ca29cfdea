#include "pipeline/app/published_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "pipeline/base/file.h"

namespace kinflow {

PublishedRecord::PublishedRecord(const std::string& folder)
    : folder_(folder),
      path_(JoinPath(folder, ".published.json")),
      root_(std::make_unique<nlohmann::json>()) {
  if (FileExists(path_)) *root_ = nlohmann::json::parse(ReadFile(path_), nullptr, false);
  if (!root_->is_object()) *root_ = nlohmann::json::object();
}
PublishedRecord::~PublishedRecord() = default;

bool PublishedRecord::IsCurrent(const std::string& file, const std::string& digest) const {
  return root_->value(file, "") == digest;
}

void PublishedRecord::Forget() {
  if (!changed_) RemoveFile(path_);
  changed_ = true;
}

void PublishedRecord::Set(const std::string& file, const std::string& digest) {
  (*root_)[file] = digest;
}

void PublishedRecord::Save() const {
  if (changed_) WriteFileAtomically(path_, root_->dump(1) + "\n");
}

std::vector<std::string> PublishedRecord::Besides(const std::set<std::string>& made) const {
  std::vector<std::string> older;
  for (const auto& entry : root_->items()) {
    const std::string& file = entry.key();
    if (made.contains(file)) continue;
    const std::string path = JoinPath(folder_, file);
    const bool alone = file.ends_with(".tsv") &&
                       FileExists(path.substr(0, path.size() - 4) + ".h5");  // without text
    if (alone || FileExists(path)) older.push_back(file);
  }
  return older;
}

std::set<std::string> KindsOfResults(const std::vector<std::string>& files) {
  std::set<std::string> kinds;
  for (const std::string& file : files) {
    std::string kind = BaseName(file);
    kind.resize(std::min(kind.size(), kind.find('.')));
    if (kind.ends_with("_full")) kind.resize(kind.size() - std::string_view("_full").size());
    kinds.insert(std::move(kind));
  }
  return kinds;
}

void WarnOfOlderResults(const std::vector<std::string>& older, Log& log) {
  if (older.empty()) return;
  log.Warn(
      "the output folder holds results of earlier runs that this one did not make: {}; take them "
      "away, or give each run a folder of its own",
      fmt::join(KindsOfResults(older), ", "));
}

}  // namespace kinflow
