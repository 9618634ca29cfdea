#pragma once

#include <map>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/family/formula.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// Keys that are asked for and work on terms of a formula: scores of mother, father and child,
/// where `family_terms` names no others.
struct ScoreKeys {
  bool attenuation = false, negative_control = false;
  std::map<std::string, std::string> families;  // keys of families of tests, and what they say
  std::vector<std::string> family_terms;
  std::vector<double> at;  // of trajectories
};

/// Of an analysis or a fit: ScoreKeys::families.
template <class Options>
std::map<std::string, std::string> FamilyKeys(const Options& options) {
  std::map<std::string, std::string> keys;
  if (options.family_given && !options.family.empty()) keys["family"] = options.family.front();
  if (options.family_tests > 0) keys["family_tests"] = std::to_string(options.family_tests);
  if constexpr (requires { options.family_across; }) {
    if (!options.family_across.empty()) keys["family_across"] = options.family_across;
  }
  return keys;
}

/// A fault for each key that no term of the formula fits: it would do nothing. `roles`: of the
/// columns, no rows are needed.
std::vector<Error> CheckScoreKeys(const ScoreKeys& keys, const Formula& formula,
                                  const ModelFrame& roles);

/// Terms that `family_terms` names, as estimates have them in the column `predictor`: the formula's
/// own text, "a:b" for "b:a". Throws kConfigReference for one that the formula lacks.
std::vector<std::string> FamilyTerms(const std::vector<std::string>& terms, const Formula& formula);

}  // namespace kinflow::family
