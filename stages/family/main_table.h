#pragma once

#include <string>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow::family {

/// A known effect of a simulation, in the unit of the estimates.
struct TrueEffect {
  std::string pgs, role;  // role: mother, father, child
  double value = 0;
};

struct MainTableOptions {
  /// The first one present is shown: those that allow for clusters before the others.
  std::vector<std::string> se_types{"CR1S", "CR1", "robust", "CR0", "HC3", "const"};
  std::vector<TrueEffect> truth;  // adds a column if not empty
  /// Where rows of `estimates` are withheld: with them. Tells what effects stand beside, and that
  /// a table without effects need not be of a model without.
  const Table* whole = nullptr;
};

/// The effects of mother, father and child with confidence intervals, as text for a terminal: for
/// each analysis and score the model with most members. "" if the table has no score effects.
std::string MainTable(const Table& estimates, const MainTableOptions& options = {});

}  // namespace kinflow::family
