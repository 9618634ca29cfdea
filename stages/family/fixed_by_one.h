#pragma once

#include <cstdint>
#include <vector>

#include "stages/family/qr.h"

namespace kinflow::family {

/// What one cluster (or row) alone says of the coefficients: combinations of columns that are 0 in
/// all others, like the indicator of a level that no other has. The residuals of that cluster are
/// orthogonal to them, so that sandwiches take the variance of such a combination for 0, whatever
/// it is.
struct FixedByOne {
  size_t combinations = 0;       // independent ones; the others rest on several clusters
  std::vector<uint8_t> columns;  // of PivotedQr::used: 1 = its coefficient has a part in one
};

/// `codes`: cluster of each row, 0 .. clusters-1. Rows may be weighted: where columns are 0 does
/// not depend on it.
FixedByOne FixedByOneCluster(const PivotedQr& qr, const std::vector<uint32_t>& codes,
                             size_t clusters);
FixedByOne FixedByOneRow(const PivotedQr& qr);

/// Part of a row (or eigenvalue of the hat matrix of a cluster) that others say nothing of: 1 less
/// this, up to rounding.
inline constexpr double kFullLeverage = 1e-10;

}  // namespace kinflow::family
