#pragma once

#include <string_view>

namespace kinflow {

/// Columns that tools of association, fine mapping and polygenic scores write beside an effect: P
/// values, standard errors, frequencies, sample sizes, qualities, posterior probabilities. Never
/// weights. In any case, with or without '_', '.', '-' and blanks between words.
bool IsStatisticName(std::string_view name);

}  // namespace kinflow
