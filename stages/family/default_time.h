#pragma once

#include <string>
#include <vector>

#include "stages/family/analysis.h"

namespace kinflow::family {

/// The column of waves as `time` of estimating equations with correlation ar1 that name none and
/// whose outcome has a value a wave. "" = there is no such default.
std::string DefaultTime(const AnalysisOptions& options, const Formula& formula,
                        const PersonColumns& persons);

/// Takes the default back where a cluster has two rows at one wave, as of a mother with two
/// pregnancies: these are no two times. Waves by name, of which each counts as a step, are told in
/// `warnings`.
void SettleDefaultTime(const ModelFrame& frame, ModelSpec& spec,
                       std::vector<std::string>& warnings);

}  // namespace kinflow::family
