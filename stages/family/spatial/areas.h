#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/mixed/random_effects.h"
#include "stages/family/model_frame.h"
#include "stages/family/spatial/neighbours.h"

namespace kinflow::family {

/// The areas of a mixed model: levels of the innermost factor of its first random term, in the
/// order of their names.
struct Areas {
  size_t block = 0;                // in the random design
  std::vector<uint32_t> level;     // of each area in that block
  std::vector<std::string> names;  // as neighbour lists write them: numbers in shortest form
  std::vector<int64_t> people;     // with rows in the area
  std::vector<double> mean;        // of the outcome, over rows
};

/// Throws kModelFailed where two areas have one name, kMissingKey where who the rows are of is not
/// known.
Areas AreasOf(const Formula& formula, const ModelFrame& frame, const RowSelection& selection,
              const Design& design, const RandomDesign& random);

/// The list with names written as Areas::names are, if the areas are numbers.
NeighbourList InNamesOf(const NeighbourList& list, const ModelFrame& frame,
                        const std::string& area_column);

/// Column of the areas.
std::string AreaColumn(const Formula& formula);

}  // namespace kinflow::family
