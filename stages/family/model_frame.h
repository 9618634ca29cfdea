#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/table.h"
#include "stages/family/design_memo.h"
#include "stages/family/shared_vector.h"

namespace kinflow::family {

/// What a column of the frame is to the study; decides role, effect and pgs of its coefficients.
struct VariableInfo {
  std::string role = "covariate";  // mother, father, child for scores
  std::string pgs = "NA";          // score name
  std::string person;              // of a value that is no score: mother, father, child
};

/// Why a value of `column` is missing, where more is known than that it is.
struct AbsenceReason {
  std::string column;
  std::string reason;         // "father not genotyped"
  std::vector<uint8_t> rows;  // nonzero where it applies
};

/// Two people who share genes, by their codes; relatedness is twice the kinship.
struct Relatives {
  int64_t a = 0, b = 0;
  double relatedness = 0;
};

class FrameMemo;

/// Input of every model: one row an observation. Holds no ids: people are dense codes, -1 =
/// unknown.
struct ModelFrame {
  Table columns;                            // numbers (NaN missing) or text ("NA" missing)
  SharedVector<int64_t> cluster;            // empty = no clustering
  SharedVector<int64_t> mother, pregnancy;  // empty = not known
  SharedVector<int64_t> person;             // whose outcome a row is; needed if there are relatives
  std::vector<Relatives> relatives;         // of a model with a genetic effect; empty = none
  std::map<std::string, VariableInfo> info;
  SharedVector<AbsenceReason> absences;
  std::vector<std::pair<std::string, uint64_t>> excluded;  // rows left out before, by reason
  std::map<std::string, std::string> reference;            // factor column -> reference level
  std::string outcome_of;           // mother, father, child; "" = not a family design
  std::shared_ptr<FrameMemo> memo;  // of frames that differ in columns alone; null = there are none
  OwnDesigns designs;               // kept for the outcomes that stand in this frame

  VariableInfo InfoOf(const std::string& column) const;
  /// Whose outcome a column is: of the person whose values they are, else of `outcome_of`; "" = not
  /// known, or a score, which parents pass on and have no effect on.
  std::string PersonOf(const std::string& column) const;
};

/// Complete cases of a set of columns, with the account of what was dropped.
struct RowSelection {
  SharedVector<uint32_t> rows;
  uint64_t n_input = 0;
  std::vector<std::pair<std::string, uint64_t>> dropped;      // by first reason, in column order
  uint64_t n_clusters = 0, n_mothers = 0, n_pregnancies = 0;  // among rows; 0 = not known
};

/// A remedy where a table has no column `name`: the nearest one, or those that there are.
std::string ColumnAdvice(const Table& table, const std::string& name);

/// The fault of a model that names it.
Error NoSuchColumn(const Table& table, const std::string& name);

/// Rows complete in `columns` and, if the frame has one, in the cluster. Throws kConfigReference
/// (no such column), kAllMissing, kTooFewRows (no row left).
RowSelection SelectRows(const ModelFrame& frame, const std::vector<std::string>& columns);

/// Why SelectRows() leaves out a row; "" = it does not.
std::string WhyDropped(const ModelFrame& frame, const std::vector<std::string>& columns,
                       size_t row);

/// Values of a column of numbers over rows, for the config key `key`. Throws kConfigReference (no
/// such column), kModelFailed (a column of texts).
std::vector<double> NumbersOf(const ModelFrame& frame, const std::string& column, const char* key,
                              const std::vector<uint32_t>& rows);

/// Dense codes 0, 1, ... of the values of a column by first appearance; -1 = missing.
std::vector<int64_t> CodesOf(const Table::Column& column);

/// Codes of some rows, numbered anew.
struct RowCodes {
  SharedVector<uint32_t> codes;  // 0 .. n-1 by first appearance, one a row
  uint32_t n = 0;
};

/// Of `rows`, none of which lacks its code.
RowCodes Renumber(const std::vector<int64_t>& codes, const std::vector<uint32_t>& rows);
/// Levels of `columns` crossed, over `rows`, which are complete in them.
RowCodes CrossedCodes(const ModelFrame& frame, const std::vector<std::string>& columns,
                      const std::vector<uint32_t>& rows);
/// Clusters of `rows`; the frame has some.
RowCodes ClustersOf(const ModelFrame& frame, const std::vector<uint32_t>& rows);

}  // namespace kinflow::family
