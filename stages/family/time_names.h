#pragma once

#include <string>
#include <vector>

namespace kinflow::family {

/// Sorts names that are all times, and says whether they are: a number and its unit, in either
/// order (w8, 8w, m12, y3, 6_months; gw17: week of pregnancy, before birth). Others stay as they
/// are. Of different names for one time the lesser one, by bytes, comes first.
bool SortByTime(std::vector<std::string>& names);

}  // namespace kinflow::family
