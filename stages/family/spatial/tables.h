#pragma once

#include <string>
#include <vector>

#include "stages/family/results.h"
#include "stages/family/spatial/autocorrelation.h"
#include "stages/family/tails.h"

namespace kinflow::family {

/// One measure of one quantity over all areas.
struct SpatialRow {
  RowKey key;
  std::string quantity, measure, weights;
  Autocorrelation value;
  double sign = 1;
  Tail randomisation, normality;
  double p_permutation = kNa;
  int64_t permutations = 0, n_areas = 0, n_islands = 0;
  int64_t n = 0;  // rows of data

  double Z(double variance) const;
};

/// One area.
struct AreaRow {
  RowKey key;
  std::string area, quantity;
  int64_t n = 0, neighbours = 0;             // people; areas
  int64_t n_neighbour = Table::kMissingInt;  // people of the smallest neighbour (disclosure)
  double value = kNa;
  Autocorrelation local;
  bool has_local = false;
  Tail p{kNa, kNa};
  double p_bh = kNa;
};

Table SpatialTable(const std::vector<SpatialRow>& rows);
Table AreasTable(const std::vector<AreaRow>& rows);

}  // namespace kinflow::family
