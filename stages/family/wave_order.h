#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/model_frame.h"

namespace kinflow::family {

/// The values of a column of waves over `rows`, as text, in time. Numbers by value, names that
/// are times (w8, m12) by SortByTime(). Of others the one is the earlier whose row more people have
/// above that of the other; where as many have it below, as they first come. `people`: codes of
/// whose each row of the frame is, -1 = not known; empty = nobody's.
std::vector<std::string> WavesInTime(const Table::Column& column, const std::vector<uint32_t>& rows,
                                     const std::vector<int64_t>& people);

/// Behind the level that `frame.reference` names first for the column, if it does.
std::vector<std::string> WaveLevels(const ModelFrame& frame, const std::string& column,
                                    const std::vector<uint32_t>& rows,
                                    const std::vector<int64_t>& people);

}  // namespace kinflow::family
