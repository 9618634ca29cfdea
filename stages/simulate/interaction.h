#pragma once

#include <string>
#include <vector>

#include "stages/simulate/people.h"

namespace kinflow::simulate {

// Mothers and infants: a mother is healthy, depressed in pregnancy or has a history of depression
// (2 : 2 : 1). Newborn behaviour and socio-economic difficulties depend on the group; dyadic
// synchrony (0 to 14; up to 4: low) at 8 weeks and 12 months on all of them:
//
//   nbas      = 6.2 - 0.6 depression - 0.5 history + 0.45 u + N(0, 1)
//   ses       = rounded 1.0 + 0.9 depression + 0.4 history - 0.35 u + N(0, 1), at least 0
//   synchrony = rounded 5.6 - 0.9 depression - 0.4 history + 0.65 (nbas - 6) - 0.25 ses + 0.5 u
//               + 1.2 at 12 months + N(0, 4), u ~ N(0, 1)
//
// 3 % have no value at 8 weeks, 13 % none at 12 months.
constexpr double kNbasEffect = 0.65;
constexpr int kLowSynchrony = 4;

/// .interaction.tsv (a mother a row) and .interaction_waves.tsv (synchrony and whether it is
/// low, a row a mother and wave); returns their paths.
std::vector<std::string> WriteInteraction(const SimulateOptions& options, const People& people);

}  // namespace kinflow::simulate
