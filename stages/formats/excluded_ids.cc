#include "stages/formats/excluded_ids.h"

namespace kinflow {

bool ExcludedIds::Excludes(const std::string& id) {
  if (!ids_.contains(id)) return false;
  const std::lock_guard lock(mutex_);
  met_.insert(id);
  return true;
}

size_t ExcludedIds::Unmatched() const {
  const std::lock_guard lock(mutex_);
  return read_to_the_end_ ? ids_.size() - met_.size() : 0;
}

}  // namespace kinflow
