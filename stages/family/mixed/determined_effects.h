#pragma once

#include <vector>

#include "stages/family/mixed/random_effects.h"
#include "stages/family/ols.h"

namespace kinflow::family {

/// Throws kModelFailed if some random effect is a fixed one at every level: `site + (1 | site)`, or
/// `site + (1 | site/ward)`. What differs between the levels has gone into the fixed effects, and
/// no row tells of the effect's variance: the restricted likelihood is the same at each value, but
/// the errors of the fixed effects are not. `weight`: of the rows; empty = all alike.
void RefuseDetermined(const OlsFit& ols, const std::vector<double>& weight,
                      const RandomDesign& random);

}  // namespace kinflow::family
