#pragma once

#include <string>
#include <vector>

#include "stages/family/design.h"
#include "stages/family/groups/factor.h"

namespace kinflow::family {

/// A design of two crossed factors in sum contrasts: tests of its terms are those of type III, and
/// each cell mean is a sum of coefficients.
struct CellDesign {
  Design design;  // columns: intercept, group, wave, group x wave
  size_t groups = 0, waves = 0;

  /// Columns of one term: 0 = group, 1 = wave, 2 = their product.
  std::vector<size_t> TermColumns(size_t term) const;
  /// Weight of each column in the mean of a cell.
  std::vector<double> CellWeights(size_t group, size_t wave) const;
};

CellDesign CrossFactors(const Factor& group, const Factor& wave, std::vector<double> y);

}  // namespace kinflow::family
