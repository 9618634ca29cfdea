#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/table.h"
#include "stages/family/results.h"

namespace kinflow::family {

/// An arrow of the path diagram of a fitted model; a variance is an arrow from a variable to
/// itself, an intercept one from the constant "1". Of a fixed path only its value is there.
struct PathRow {
  RowKey key;
  std::string from, to;
  std::string from_type = "observed", to_type = "observed";  // observed, latent, constant
  std::string kind;  // regression, covariance, variance, intercept, loading
  EstimateRow at;
};

/// Kinds of path models write it as `paths`.
Table PathsTable(const std::vector<PathRow>& rows);

/// Graphviz text of a table `paths`, a digraph a model: boxes are observed, ellipses latent,
/// numbers are standardised, of free paths, bold what has p below .05; variances and intercepts are
/// left out.
std::string PathDiagrams(const Table& paths);

}  // namespace kinflow::family
