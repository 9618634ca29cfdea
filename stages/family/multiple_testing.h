#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow::family {

enum class Adjust { kBonferroni, kHolm, kHochberg, kHommel, kBh, kBy };

/// R's p.adjust: NaN stays NaN and does not count. `tests`: how many there are, those without a p
/// here too (R's n); 0 = as many as have one. Throws kConfigReference if they are fewer.
std::vector<double> AdjustP(const std::vector<double>& p, Adjust method, size_t tests = 0);

/// Fills family, p_bonf, p_holm, p_hochberg, p_hommel, p_bh, p_by and p_meff of an estimates table.
/// Tests are the rows of score terms of the
/// models in `model_ids`; a family is one value of all `keys` (columns of the table; "effect"
/// splits indirect effects by role, as Hegemann's groups do) for one se_type and model_id.
/// `effective`: of each role the effective number of its scores' tests as a share of their number;
/// p_meff is Bonferroni's with so many tests, NaN for other roles. `tests`: of each family, as of
/// AdjustP. `terms`: the predictors that count as tests, in place of the members' scores; those
/// that have no `effect` are of one family by that key.
Table WithAdjustedP(const Table& estimates, const std::vector<std::string>& keys,
                    const std::vector<std::string>& model_ids,
                    const std::map<std::string, double>& effective = {}, size_t tests = 0,
                    const std::vector<std::string>& terms = {});

/// Analyses whose families of one name are adjusted together.
struct AcrossAnalyses {
  std::string name;
  size_t tests = 0;  // of each family, as of AdjustP
};
/// Adjusts again the p values of several analyses in one table, each of `across` (by analysis_id)
/// together with those of its name, wherever family, se_type and model_id are the same. p_meff is
/// NaN there: of how many tests scores and outcomes together are worth nothing is known. So is what
/// cannot be adjusted, as `warnings` tells: an analysis of `across` has no row and the number of
/// tests is not told, or it is told to be smaller than it is.
Table AdjustedAcross(const Table& estimates, const std::map<std::string, AcrossAnalyses>& across,
                     std::vector<std::string>& warnings);

}  // namespace kinflow::family
