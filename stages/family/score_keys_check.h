#pragma once

#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/family/formula.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// Keys that are asked for and work on terms of a formula: scores of mother, father and child,
/// where `family_terms` names no others.
struct ScoreKeys {
  bool attenuation = false, families = false, negative_control = false;
  std::vector<std::string> family_terms;
  std::vector<double> at;  // of trajectories
};

/// A fault for each key that no term of the formula fits: it would do nothing. `roles`: of the
/// columns, no rows are needed.
std::vector<Error> CheckScoreKeys(const ScoreKeys& keys, const Formula& formula,
                                  const ModelFrame& roles);

/// Terms that `family_terms` names, as estimates have them in the column `predictor`: the formula's
/// own text, "a:b" for "b:a". Throws kConfigReference for one that the formula lacks.
std::vector<std::string> FamilyTerms(const std::vector<std::string>& terms, const Formula& formula);

}  // namespace kinflow::family
