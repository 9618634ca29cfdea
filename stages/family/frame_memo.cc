#include "stages/family/frame_memo.h"

#include <algorithm>
#include <utility>

#include "stages/family/people.h"

namespace kinflow::family {

std::optional<RowSelection> FrameMemo::Find(const std::vector<std::string>& columns,
                                            const std::vector<uint32_t>& missing) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(columns);
  if (found == kept_.end() || found->second.missing != missing) return std::nullopt;
  return found->second.selection;
}

RowSelection FrameMemo::Keep(const std::vector<std::string>& columns, std::vector<uint32_t> missing,
                             RowSelection selection) {
  const std::lock_guard lock(mutex_);
  const auto same = std::find_if(of_rows_.begin(), of_rows_.end(),
                                 [&](const OfRows& known) { return known.rows == selection.rows; });
  if (same != of_rows_.end()) {
    selection.rows = same->rows;
  } else {
    of_rows_.push_back({selection.rows, std::nullopt, nullptr});
  }
  kept_[columns] = {std::move(missing), selection};
  DropUnused();
  return selection;
}

void FrameMemo::DropUnused() {
  std::erase_if(of_rows_, [this](const OfRows& of) {
    return std::none_of(kept_.begin(), kept_.end(), [&](const auto& entry) {
      return entry.second.selection.rows.IsCopyOf(of.rows);
    });
  });
}

const FrameMemo::OfRows* FrameMemo::FindRows(const std::vector<uint32_t>& rows) const {
  const auto found = std::find_if(of_rows_.begin(), of_rows_.end(),
                                  [&](const OfRows& of) { return of.rows.IsCopyOf(rows); });
  return found == of_rows_.end() ? nullptr : &*found;
}

std::optional<RowCodes> FrameMemo::FindClusters(const std::vector<uint32_t>& rows) const {
  const std::lock_guard lock(mutex_);
  const OfRows* const of = FindRows(rows);
  return of == nullptr ? std::nullopt : of->clusters;
}

void FrameMemo::KeepClusters(const std::vector<uint32_t>& rows, const RowCodes& clusters) {
  const std::lock_guard lock(mutex_);
  for (OfRows& of : of_rows_) {
    if (of.rows.IsCopyOf(rows)) of.clusters = clusters;
  }
}

std::shared_ptr<const People> FrameMemo::FindPeople(const std::vector<uint32_t>& rows) const {
  const std::lock_guard lock(mutex_);
  const OfRows* const of = FindRows(rows);
  return of == nullptr ? nullptr : of->people;
}

void FrameMemo::KeepPeople(const std::vector<uint32_t>& rows,
                           std::shared_ptr<const People> people) {
  const std::lock_guard lock(mutex_);
  for (OfRows& of : of_rows_) {
    if (of.rows.IsCopyOf(rows)) of.people = people;
  }
}

}  // namespace kinflow::family
