#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "pipeline/data/table.h"

namespace kinflow {

/// Ids of analyses whose account of rows hides a number that a table of all rows would give.
struct HiddenElsewhere {
  std::set<std::string> rows;      // of rows left out: no number of rows is shown
  std::set<std::string> waveless;  // of children without a wave: no number of people of all waves
};

/// The table `table1` of analyses for OUT/share. Of one variable levels, missing values among them,
/// add up to the rows of a stratum, and strata to all rows; so that no number of 1 to `small` - 1
/// people stands there or follows from what does:
/// - strata of so few people are left out, and with them the smallest other one;
/// - a level that so few people have in some stratum is left out everywhere, and with it the
///   smallest others, until at least `small` have one of them wherever somebody has;
/// - missing values that are left out take the number of rows with a value and the shares along;
/// - means and SD of fewer than `small` people are NA, and those of the stratum with the next
/// fewest;
///   medians stand for twice, quartiles for four times as many people: each part has so many;
/// - statistics have four digits, as more would tell numbers of rows.
/// What other tables hide does not follow either: see HiddenElsewhere.
Table SuppressTableOne(const Table& table, const HiddenElsewhere& hidden, int64_t small);

}  // namespace kinflow
