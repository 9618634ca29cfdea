#include "stages/family/frame_memo.h"

#include <utility>

namespace kinflow::family {

std::optional<RowSelection> FrameMemo::Find(const std::vector<std::string>& columns,
                                            const std::vector<uint32_t>& missing) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(columns);
  if (found == kept_.end() || found->second.missing != missing) return std::nullopt;
  return found->second.selection;
}

void FrameMemo::Keep(const std::vector<std::string>& columns, std::vector<uint32_t> missing,
                     const RowSelection& selection) {
  const std::lock_guard lock(mutex_);
  kept_[columns] = {std::move(missing), selection, std::nullopt};
}

std::optional<RowCodes> FrameMemo::FindClusters(const std::vector<uint32_t>& rows) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [columns, kept] : kept_) {
    if (kept.selection.rows.IsCopyOf(rows)) return kept.clusters;
  }
  return std::nullopt;
}

void FrameMemo::KeepClusters(const std::vector<uint32_t>& rows, const RowCodes& clusters) {
  const std::lock_guard lock(mutex_);
  for (auto& [columns, kept] : kept_) {
    if (kept.selection.rows.IsCopyOf(rows)) kept.clusters = clusters;
  }
}

}  // namespace kinflow::family
