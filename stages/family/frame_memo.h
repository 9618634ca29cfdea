#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "stages/family/model_frame.h"

namespace kinflow::family {

class People;

/// What the frames of many scores and outcomes, alike but for their columns, would find out again
/// for each: which rows are complete, their clusters and people. Nothing that is asked depends on
/// what is kept. Thread-safe.
class FrameMemo {
 public:
  /// The rows complete in `columns`, of which row r first lacks columns[missing[r]], if they were
  /// kept. One set of rows is kept for each set of columns.
  std::optional<RowSelection> Find(const std::vector<std::string>& columns,
                                   const std::vector<uint32_t>& missing) const;
  /// Returns the selection; where other columns have the same rows, its rows are a copy of theirs.
  RowSelection Keep(const std::vector<std::string>& columns, std::vector<uint32_t> missing,
                    RowSelection selection);
  /// Clusters of rows that were kept.
  std::optional<RowCodes> FindClusters(const std::vector<uint32_t>& rows) const;
  void KeepClusters(const std::vector<uint32_t>& rows, const RowCodes& clusters);
  /// People of rows that were kept, null = not known; the frame tells them, not a formula.
  std::shared_ptr<const People> FindPeople(const std::vector<uint32_t>& rows) const;
  void KeepPeople(const std::vector<uint32_t>& rows, std::shared_ptr<const People> people);

 private:
  struct Kept {
    std::vector<uint32_t> missing;
    RowSelection selection;
  };
  struct OfRows {
    SharedVector<uint32_t> rows;
    std::optional<RowCodes> clusters;
    std::shared_ptr<const People> people;
  };
  const OfRows* FindRows(const std::vector<uint32_t>& rows) const;
  void DropUnused();

  mutable std::mutex mutex_;
  std::map<std::vector<std::string>, Kept> kept_;
  std::vector<OfRows> of_rows_;  // of each set of rows in `kept_`
};

}  // namespace kinflow::family
