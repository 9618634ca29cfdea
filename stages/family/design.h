#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/data/table.h"
#include "stages/family/design_memo.h"
#include "stages/family/formula.h"
#include "stages/family/model_frame.h"

namespace kinflow::family {

/// One column of a design matrix.
struct DesignColumn {
  static constexpr size_t kIntercept = SIZE_MAX;
  std::string name;              // as R names it: "(Intercept)", "batchB", "time:pgs.mother"
  size_t term = kIntercept;      // index into Formula::terms
  std::vector<uint32_t> levels;  // of each variable of the term: level of a factor, part of poly()
  /// Fewest people that the coefficient tells of by their group (CountPeople); missing = it does
  /// not.
  int64_t people = Table::kMissingInt;
};

/// y and X of the selected rows.
struct Design {
  size_t n = 0, k = 0;
  SharedVector<double> x;  // column-major, n x k
  std::vector<double> y;
  std::vector<DesignColumn> columns;
  bool intercept = true;
  SharedVector<uint32_t> cluster;  // 0 .. n_clusters-1 by first appearance; empty = none
  uint32_t n_clusters = 0;
  SharedVector<uint32_t> second_cluster;  // of two-way errors, coded likewise; empty = none
  uint32_t n_second_clusters = 0;
  std::vector<double> weight;                // of each row, above 0; empty = all alike
  std::shared_ptr<const DesignFacts> facts;  // of x without weights; null = shared with none

  const double* Column(size_t c) const { return x.data() + c * n; }
};

/// Expands a formula over `rows`, which are complete in its columns. Text columns and factor() get
/// treatment contrasts; the reference is frame.reference or the first level (text: byte order,
/// numbers: numeric order) among the rows. A factor is coded in full where R codes it so (no
/// intercept, or its margin is not in the formula). Throws kModelFailed (text outcome, a factor
/// with nearly as many levels as rows), kConfigReference (reference level absent), kLimitExceeded.
Design BuildDesign(const Formula& formula, const ModelFrame& frame,
                   const std::vector<uint32_t>& rows);

/// Factors of x.
PivotedQr QrOf(const Design& design);

}  // namespace kinflow::family
