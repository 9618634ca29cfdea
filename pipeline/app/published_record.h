#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <vector>

#include "pipeline/base/log.h"

namespace kinflow {

/// OUT/.published.json: which results stand in an output folder (FOLDER/NAME), each with the digest
/// of what it was made from. Every command that leaves results keeps it: a run takes what it names
/// for its own.
class PublishedRecord {
 public:
  explicit PublishedRecord(const std::string& folder);
  ~PublishedRecord();

  bool IsCurrent(const std::string& file, const std::string& digest) const;
  /// Before a file is written: a run that ends half-way must not leave a record of older files.
  void Forget();
  void Set(const std::string& file, const std::string& digest);
  void Save() const;
  /// Recorded files that are there and are none of `made`: results of earlier runs.
  std::vector<std::string> Besides(const std::set<std::string>& made) const;

 private:
  const std::string folder_, path_;
  std::unique_ptr<nlohmann::json> root_;
  bool changed_ = false;
};

/// Kinds of results: "share/estimates.tsv" and "private/estimates_full.tsv" are "estimates".
std::set<std::string> KindsOfResults(const std::vector<std::string>& files);
/// Results that lie in the folder beside those of this run look as if they were its own.
void WarnOfOlderResults(const std::vector<std::string>& older, Log& log);

}  // namespace kinflow
