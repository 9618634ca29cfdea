#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stages/family/results.h"

namespace kinflow::family {

/// Scores of each person at every wave, NaN where it was not seen.
using ScoresByPerson = std::map<int64_t, std::vector<double>>;

/// McNemar's tests, without continuity correction and exact, of whether the share of scores up to
/// `low` is the same at the first wave and at each other one, among people seen at both. Tests are
/// NA, with a warning, where nobody changed. `key`: of the model; `waves`: their names.
void AddLowChanges(const RowKey& key, const std::vector<std::string>& waves,
                   const ScoresByPerson& scores, double low, Results& out);

}  // namespace kinflow::family
