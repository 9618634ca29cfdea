#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow::family {

enum class Adjust { kBonferroni, kHolm, kHochberg, kHommel, kBh, kBy };

/// R's p.adjust: NaN stays NaN and does not count.
std::vector<double> AdjustP(const std::vector<double>& p, Adjust method);

/// Fills family, p_bonf, p_holm, p_hochberg, p_hommel, p_bh, p_by and p_meff of an estimates table.
/// Tests are the rows of score terms of the
/// models in `model_ids`; a family is one value of all `keys` (columns of the table; "effect"
/// splits indirect effects by role, as Hegemann's groups do) for one se_type and model_id.
/// `effective`: of each role the effective number of its scores' tests as a share of their number;
/// p_meff is Bonferroni's with so many tests, NaN for other roles.
Table WithAdjustedP(const Table& estimates, const std::vector<std::string>& keys,
                    const std::vector<std::string>& model_ids,
                    const std::map<std::string, double>& effective = {});

}  // namespace kinflow::family
