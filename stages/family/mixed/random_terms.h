#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/family/formula.h"

namespace kinflow::family {

/// A formula without one of its random effects, named like "x in 1 + x | g" or, if all of a term is
/// gone, "1 | g".
struct WithoutEffect {
  Formula formula;
  std::string effect;
};

/// The formula without each of its random effects in turn, as lmerTest's ranova: of a term with
/// several effects each slope, of another the term itself, unless nothing else is left. `a/b`
/// counts as a term of either factor, `||` as a term an effect.
std::vector<WithoutEffect> WithoutEachEffect(const Formula& formula);

/// The fault of a formula with a random effect that is there twice: (1 | g) + (1 + x | g).
std::optional<Error> RepeatedEffect(const Formula& formula);

}  // namespace kinflow::family
