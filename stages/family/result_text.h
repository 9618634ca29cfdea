#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow::family {

/// "0.081", "3.1e-04"; "NA".
std::string PText(double p, double neg_log10);

/// Lines of cells with the columns aligned: `left` flags those of texts.
std::string Aligned(const std::vector<std::vector<std::string>>& lines,
                    const std::vector<uint8_t>& left);

/// What a reader looks for in the result table `name` (groups, contrasts, comparisons, spatial,
/// varcomp, fit; steps: comparisons of nested models) as text for a terminal: columns without any
/// value are left out. "" without rows.
std::string ResultText(const std::string& name, const Table& table);

}  // namespace kinflow::family
