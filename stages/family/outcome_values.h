#pragma once

#include <string>
#include <vector>

#include "stages/family/analysis.h"

namespace kinflow::family {

/// Outcomes of a logit model that hold anything but 0 and 1, as the tables tell before a model is
/// fitted. A run tells it of the model, by the rows that it uses.
std::vector<Error> CheckOutcomeValues(const AnalysisOptions& options, const PersonColumns& persons,
                                      const std::vector<std::string>& scores);

}  // namespace kinflow::family
