#include "stages/family/sem/sem_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "stages/family/few_rows.h"

namespace kinflow::family {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

size_t IndexOf(const Table& table, const std::string& name) {
  const int64_t at = table.Find(name);
  if (at >= 0) return static_cast<size_t>(at);
  std::vector<std::string> names;
  for (size_t c = 0; c < table.columns(); ++c) names.push_back(table.name(c));
  const std::string near = NearestWord(name, names);
  throw Error(ErrorId::kConfigReference, "the model names a column that does not exist")
      .Field("paths")
      .Value(name)
      .Remedy(near.empty() ? "check the spelling and the header of the table"
                           : "did you mean " + near + "?");
}

MatrixXd ColumnsOf(const ModelFrame& frame, const std::vector<std::string>& names,
                   const std::vector<uint32_t>& rows, const std::string& model) {
  MatrixXd out(static_cast<Index>(rows.size()), static_cast<Index>(names.size()));
  for (size_t c = 0; c < names.size(); ++c) {
    const Table::Column& column = frame.columns.column(IndexOf(frame.columns, names[c]));
    if (std::holds_alternative<Table::Strings>(column)) {
      throw Error(ErrorId::kModelFailed, fmt::format("{}: column {} is text", model, names[c]))
          .Field(names[c])
          .Remedy("path models need numbers; check the column's missing codes");
    }
    for (size_t r = 0; r < rows.size(); ++r) {
      double value = std::nan("");
      if (const auto* ints = std::get_if<Table::Ints>(&column)) {
        if ((*ints)[rows[r]] != Table::kMissingInt) value = static_cast<double>((*ints)[rows[r]]);
      } else {
        value = std::get<Table::Doubles>(column)[rows[r]];
      }
      out(static_cast<Index>(r), static_cast<Index>(c)) = value;
    }
  }
  return out;
}

void CheckColumn(const Eigen::VectorXd& values, const std::string& column,
                 const std::string& model) {
  Index there = 0;
  double low = 0, high = 0;
  for (const double v : values) {
    if (std::isnan(v)) continue;
    low = there == 0 ? v : std::min(low, v);
    high = there == 0 ? v : std::max(high, v);
    ++there;
  }
  if (there == 0) {
    throw Error(ErrorId::kAllMissing,
                fmt::format("{}: column {} has no value in any of {}", model, column,
                            RowsText(static_cast<size_t>(values.size()))))
        .Field(column)
        .Remedy("check the column, the id column and whose variable it is");
  }
  if (low == high) {
    throw Error(
        ErrorId::kConstantOutcome,
        fmt::format(
            "{}: column {} has the same value in all {} that have one", model, column,
            there < static_cast<Index>(kFewRows) ? "rows" : RowsText(static_cast<size_t>(there))))
        .Field(column)
        .Remedy("take the column out, or check its coding");
  }
}

}  // namespace

SemRows SelectSemRows(const ModelFrame& frame, const PathModel& model, const std::string& name) {
  SemRows out;
  out.selection = SelectRows(frame, model.exogenous);
  if (model.exogenous.empty()) {
    const MatrixXd y = ColumnsOf(frame, model.observed, out.selection.rows, name);
    std::vector<uint32_t> kept;
    for (Index r = 0; r < y.rows(); ++r) {
      const bool empty = y.row(r).array().isNaN().all();
      if (!empty) kept.push_back(out.selection.rows[static_cast<size_t>(r)]);
    }
    if (const uint64_t lost = out.selection.rows.size() - kept.size(); lost > 0) {
      out.selection.dropped.emplace_back("no variable of the model observed", lost);
    }
    out.selection.rows = std::move(kept);
  }
  const auto& rows = out.selection.rows;
  MatrixXd y = ColumnsOf(frame, model.observed, rows, name);
  MatrixXd z = ColumnsOf(frame, model.exogenous, rows, name);
  for (Index c = 0; c < y.cols(); ++c) {
    CheckColumn(y.col(c), model.observed[static_cast<size_t>(c)], name);
  }
  for (Index c = 0; c < z.cols(); ++c) {
    CheckColumn(z.col(c), model.exogenous[static_cast<size_t>(c)], name);
  }
  if (rows.size() <= model.variables()) {
    throw Error(ErrorId::kTooFewRows, fmt::format("{}: {} for {} variables", name,
                                                  RowsText(rows.size()), model.variables()))
        .Remedy("check the missing codes of the model's columns, and whose variables they are");
  }
  std::vector<int64_t> cluster;
  if (!frame.cluster.empty()) {
    std::map<int64_t, int64_t> dense;
    for (const uint32_t r : rows) {
      cluster.push_back(
          dense.emplace(frame.cluster[r], static_cast<int64_t>(dense.size())).first->second);
    }
  }
  out.data = GroupByPattern(std::move(y), std::move(z), std::move(cluster));
  return out;
}

}  // namespace kinflow::family
