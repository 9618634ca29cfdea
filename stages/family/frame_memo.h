#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "stages/family/model_frame.h"

namespace kinflow::family {

/// What the frames of many scores, alike but for the scores' columns, would find out again for
/// each: which rows are complete, and their clusters. Nothing that is asked depends on what is
/// kept. Thread-safe.
class FrameMemo {
 public:
  /// The rows complete in `columns`, of which row r first lacks columns[missing[r]], if they were
  /// kept. One set of rows is kept for each set of columns.
  std::optional<RowSelection> Find(const std::vector<std::string>& columns,
                                   const std::vector<uint32_t>& missing) const;
  void Keep(const std::vector<std::string>& columns, std::vector<uint32_t> missing,
            const RowSelection& selection);
  /// Clusters of rows that were kept.
  std::optional<RowCodes> FindClusters(const std::vector<uint32_t>& rows) const;
  void KeepClusters(const std::vector<uint32_t>& rows, const RowCodes& clusters);

 private:
  struct Kept {
    std::vector<uint32_t> missing;
    RowSelection selection;
    std::optional<RowCodes> clusters;
  };
  mutable std::mutex mutex_;
  std::map<std::vector<std::string>, Kept> kept_;
};

}  // namespace kinflow::family
