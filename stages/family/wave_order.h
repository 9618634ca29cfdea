#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/model_frame.h"

namespace kinflow::family {

/// The values of a column of waves, as text, in time.
struct WaveOrder {
  std::vector<std::string> names;
  bool by_rows = false;       // of names that are no times: nothing but the rows tells it
  bool contradicted = false;  // by the rows of somebody
  size_t fewest_rows = 0;     // by_rows: those that the rarest name has
};

/// Over `rows`: numbers by value, names that are times (w8, m12) by SortByTime(). Of others the one
/// is the earlier whose row more people have above that of the other; where as many have it below,
/// as they first come. `people`: codes of whose each row of the frame is, -1 = not known; empty =
/// nobody's.
WaveOrder WavesInTime(const Table::Column& column, const std::vector<uint32_t>& rows,
                      const std::vector<int64_t>& people);

/// What to tell of the order of the waves of `column` where only rows say what it is; else empty.
std::string OrderWarning(const std::string& column, const WaveOrder& order);

/// Behind the level that `frame.reference` names first for the column, if it does.
WaveOrder WaveLevels(const ModelFrame& frame, const std::string& column,
                     const std::vector<uint32_t>& rows, const std::vector<int64_t>& people);

}  // namespace kinflow::family
