#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow::family {

enum class Adjust { kBonferroni, kHolm, kHochberg, kBh, kBy };

/// R's p.adjust: NaN stays NaN and does not count.
std::vector<double> AdjustP(const std::vector<double>& p, Adjust method);

/// Fills p_bh, p_bonf and family of an estimates table. Tests are the rows of score terms of the
/// models in `model_ids`; a family is one value of all `keys` (columns of the table; "effect"
/// splits indirect effects by role, as Hegemann's groups do) for one se_type and model_id.
Table WithAdjustedP(const Table& estimates, const std::vector<std::string>& keys,
                    const std::vector<std::string>& model_ids);

}  // namespace kinflow::family
