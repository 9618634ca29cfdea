#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_set>

namespace kinflow {

/// Ids of variants to leave out, and which of them variants had. One object serves all scans of a
/// run.
class ExcludedIds {
 public:
  explicit ExcludedIds(std::unordered_set<std::string> ids) : ids_(std::move(ids)) {}
  bool empty() const { return ids_.empty(); }
  size_t size() const { return ids_.size(); }
  const std::unordered_set<std::string>& ids() const { return ids_; }
  /// True if the variant of this id is to be left out. Any thread.
  bool Excludes(const std::string& id);
  /// A scan has come to the end of all variants.
  void ReadToTheEnd() { read_to_the_end_ = true; }
  /// Ids that no variant had; 0 as long as no scan came to the end, which leaves it open.
  size_t Unmatched() const;

 private:
  std::unordered_set<std::string> ids_;
  mutable std::mutex mutex_;
  std::unordered_set<std::string> met_;
  std::atomic<bool> read_to_the_end_ = false;
};

}  // namespace kinflow
