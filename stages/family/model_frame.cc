#include "stages/family/model_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"

namespace kinflow::family {
namespace {

bool MissingAt(const Table::Column& column, size_t row) {
  if (const auto* doubles = std::get_if<Table::Doubles>(&column))
    return std::isnan((*doubles)[row]);
  if (const auto* ints = std::get_if<Table::Ints>(&column)) {
    return (*ints)[row] == Table::kMissingInt;
  }
  const std::string& text = std::get<Table::Strings>(column)[row];
  return text.empty() || text == "NA";
}

const Table::Column& ColumnOf(const Table& table, const std::string& name) {
  const int64_t c = table.Find(name);
  if (c >= 0) return table.column(static_cast<size_t>(c));
  std::vector<std::string> names;
  for (size_t i = 0; i < table.columns(); ++i) names.push_back(table.name(i));
  const std::string near = NearestWord(name, names);
  throw Error(ErrorId::kConfigReference, "the model names a column that does not exist")
      .Field("formula")
      .Value(name)
      .Remedy(near.empty() ? "check the spelling and the header of the table"
                           : "did you mean " + near + "?");
}

std::string ReasonOf(const ModelFrame& frame, const std::string& column, size_t row) {
  for (const auto& absence : frame.absences) {
    if (absence.column == column && absence.rows[row] != 0) return absence.reason;
  }
  return column + " missing";
}

uint64_t CountDistinct(const std::vector<int64_t>& codes, const std::vector<uint32_t>& rows) {
  std::unordered_set<int64_t> seen;
  if (codes.empty()) return 0;
  for (const uint32_t r : rows) {
    if (codes[r] >= 0) seen.insert(codes[r]);
  }
  return seen.size();
}

void CountReason(RowSelection& out, const std::string& reason) {
  for (auto& [name, count] : out.dropped) {
    if (name == reason) {
      ++count;
      return;
    }
  }
  out.dropped.emplace_back(reason, 1);
}

}  // namespace

VariableInfo ModelFrame::InfoOf(const std::string& column) const {
  const auto found = info.find(column);
  return found == info.end() ? VariableInfo{} : found->second;
}

RowSelection SelectRows(const ModelFrame& frame, const std::vector<std::string>& columns) {
  const size_t n = frame.columns.rows();
  RowSelection out;
  out.n_input = n;
  out.dropped = frame.excluded;
  for (const auto& entry : frame.excluded) out.n_input += entry.second;
  std::vector<std::string> reason(n);
  for (const auto& name : columns) {
    const Table::Column& column = ColumnOf(frame.columns, name);
    size_t missing = 0;
    for (size_t r = 0; r < n; ++r) {
      if (!MissingAt(column, r)) continue;
      ++missing;
      if (reason[r].empty()) reason[r] = ReasonOf(frame, name, r);
    }
    if (missing == n && n > 0) {
      throw Error(ErrorId::kAllMissing, fmt::format("column {} has no value in any row", name))
          .Field(name)
          .Remedy("check the column, the id column and whose variable it is");
    }
  }
  for (size_t r = 0; r < n; ++r) {
    if (reason[r].empty() && !frame.cluster.empty() && frame.cluster[r] < 0) {
      reason[r] = "cluster id missing";
    }
    if (reason[r].empty()) {
      out.rows.push_back(static_cast<uint32_t>(r));
    } else {
      CountReason(out, reason[r]);
    }
  }
  if (out.rows.empty()) {
    throw Error(ErrorId::kTooFewRows,
                fmt::format("no complete row is left of {} (most often: {})", out.n_input,
                            out.dropped.empty() ? "the table is empty" : out.dropped.front().first))
        .Remedy("check the missing codes of the model's columns, and whose variables they are");
  }
  out.n_clusters = CountDistinct(frame.cluster, out.rows);
  out.n_mothers = CountDistinct(frame.mother, out.rows);
  out.n_pregnancies = CountDistinct(frame.pregnancy, out.rows);
  return out;
}

std::vector<double> NumbersOf(const ModelFrame& frame, const std::string& column, const char* key,
                              const std::vector<uint32_t>& rows) {
  const Table::Column& from = ColumnOf(frame.columns, column);
  std::vector<double> out;
  for (const uint32_t r : rows) {
    if (const auto* doubles = std::get_if<Table::Doubles>(&from)) {
      out.push_back((*doubles)[r]);
    } else if (const auto* ints = std::get_if<Table::Ints>(&from)) {
      out.push_back(static_cast<double>((*ints)[r]));
    } else {
      throw Error(ErrorId::kModelFailed, fmt::format("column {} holds texts, not numbers", column))
          .Field(key)
          .Value(column)
          .Remedy("name a column of numbers");
    }
  }
  return out;
}

std::vector<int64_t> CodesOf(const Table::Column& column) {
  const size_t n = std::visit([](const auto& v) { return v.size(); }, column);
  std::vector<int64_t> codes(n, -1);
  std::unordered_map<std::string, int64_t> seen;
  for (size_t r = 0; r < n; ++r) {
    if (MissingAt(column, r)) continue;
    std::string key;
    if (const auto* doubles = std::get_if<Table::Doubles>(&column)) {
      key = FormatDouble((*doubles)[r]);
    } else if (const auto* ints = std::get_if<Table::Ints>(&column)) {
      key = fmt::format("{}", (*ints)[r]);
    } else {
      key = std::get<Table::Strings>(column)[r];
    }
    codes[r] = seen.emplace(std::move(key), static_cast<int64_t>(seen.size())).first->second;
  }
  return codes;
}

}  // namespace kinflow::family
