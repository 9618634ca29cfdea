#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "pipeline/data/table.h"

namespace kinflow {

/// Which areas of model `spatial` are left out of OUT/share, and which local measures. Immutable
/// after construction.
///
/// The mean of an area of few people must not follow from the others. Local measures tell the mean
/// and the standard deviation of all areas, `spatial` Moran's I, Geary's C and their variances,
/// other tables the mean of all people: each is an equation of the means that are left out. So ten
/// areas at least are, the smallest: more unknowns than equations. A local measure is an equation
/// of the means of the neighbours, and left out where one of these is.
class AreasDisclosure {
 public:
  static constexpr size_t kWithheld = 10;

  /// `areas`: the full table, which may be empty.
  AreasDisclosure(const Table& areas, int64_t small);

  bool Hides(const Table& areas, size_t row) const;
  /// The table without local measures beside an area that is left out, nor sizes of neighbours.
  Table WithoutTellingMeasures(const Table& areas) const;

 private:
  std::set<std::string> areas_;            // by model and area
  std::map<std::string, int64_t> people_;  // by model: of the largest area that is left out
};

}  // namespace kinflow
