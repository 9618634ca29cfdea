#pragma once

#include "pipeline/base/nan.h"

namespace kinflow::family {

/// What an adjustment for assortative mating needs besides the effects of a score, with standard
/// errors; independent of the effects.
struct Assortment {
  double h2f = kNan, h2f_se = 0;  // heritability as from random variation within families
  double rk = kNan, rk_se = 0;    // correlation of the parents' scores
};

}  // namespace kinflow::family
