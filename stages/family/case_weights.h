#pragma once

#include <string>
#include <vector>

#include "stages/family/model.h"

namespace kinflow::family {

/// Case weights of `rows` by the spec's column; empty = none are asked for. Throws kModelFailed if
/// one is not above 0.
std::vector<double> CaseWeightsOf(const ModelFrame& frame, const ModelSpec& spec,
                                  const std::vector<uint32_t>& rows);

/// Adds a fault if the spec has case weights and an option is `set` that is not defined with them.
void RefuseWithWeights(const ModelSpec& spec, bool set, const char* key, const std::string& value,
                       const std::string& remedy, std::vector<Error>& errors);

/// `, weights = COLUMN` of a call in R; empty without weights.
std::string WeightsArgument(const ModelSpec& spec);

}  // namespace kinflow::family
