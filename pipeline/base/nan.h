#pragma once

#include <limits>

namespace kinflow {

/// A value that is not there, in tables of results; printed "NA".
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace kinflow
