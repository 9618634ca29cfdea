#pragma once

#include <string>
#include <vector>

#include "stages/simulate/outcome.h"

namespace kinflow::simulate {

// Geography: mothers live in areas of a square lattice (grunnkrets), in districts (delomrade), in
// municipalities (kommune). At their first observed wave:
//
//   symptoms = scl + 0.10 D_a + 0.06 D_a z_m + 0.18 s_a z_m + 0.30 f_a
//
// D, f: deprivation and a further field, both smooth over neighbours, standardised; s_a ~ N(0, 1);
// z_m as in simulate.h. Mothers with higher scores live in more deprived areas (selection).
constexpr double kDeprivationEffect = 0.10, kDeprivationSlope = 0.06;
constexpr double kAreaSlopeSd = 0.18, kAreaFieldSd = 0.30, kSelection = 0.15;

/// .areas.tsv (a mother a row) and .neighbours.tsv (areas that share an edge or a corner); returns
/// their paths.
std::vector<std::string> WriteAreas(const SimulateOptions& options, const People& people,
                                    const TrueScores& scores, const Outcome& outcome);

}  // namespace kinflow::simulate
