#pragma once

#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "pipeline/data/table.h"

namespace kinflow::family {

/// How many independent tests correlated ones amount to, by the eigenvalues of their correlation
/// matrix (statistics.md 3.9).
struct EffectiveTests {
  size_t tests = 0;
  double nyholt = 0, li_ji = 0, galwey = 0;
  int64_t gao = 0;
};
EffectiveTests CountEffective(const Eigen::MatrixXd& correlation);

/// Correlation of columns over the rows in which all have a value; empty without three such rows,
/// or where a column does not vary.
Eigen::MatrixXd CorrelationOf(const std::vector<std::vector<double>>& columns);

/// The tests of one analysis by member whose scores they are of.
using EffectiveByRole = std::map<std::string, EffectiveTests>;
Table EffectiveTestsTable(const std::string& analysis, const EffectiveByRole& roles);

}  // namespace kinflow::family
