#include "stages/family/model_frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "pipeline/base/text.h"
#include "stages/family/few_rows.h"
#include "stages/family/frame_memo.h"

namespace kinflow::family {
namespace {

bool IsMissing(double value) { return std::isnan(value); }
bool IsMissing(int64_t value) { return value == Table::kMissingInt; }
bool IsMissing(const std::string& text) { return text.empty() || text == "NA"; }

const Table::Column& ColumnOf(const Table& table, const std::string& name) {
  const int64_t c = table.Find(name);
  if (c >= 0) return table.column(static_cast<size_t>(c));
  throw NoSuchColumn(table, name);
}

std::string ReasonOf(const ModelFrame& frame, const std::string& column, size_t row) {
  for (const auto& absence : frame.absences) {
    if (absence.column == column && absence.rows[row] != 0) return absence.reason;
  }
  return column + " missing";
}

/// A value for each code, made as codes are met.
template <class T>
T& At(std::vector<T>& values, int64_t code, T unmet) {
  const auto i = static_cast<size_t>(code);
  if (i >= values.size()) values.resize(std::max(i + 1, 2 * values.size()), unmet);
  return values[i];
}

uint64_t CountDistinct(const std::vector<int64_t>& codes, const std::vector<uint32_t>& rows) {
  std::vector<uint8_t> seen;
  uint64_t count = 0;
  if (codes.empty()) return 0;
  for (const uint32_t r : rows) {
    if (codes[r] < 0) continue;
    uint8_t& known = At(seen, codes[r], uint8_t{0});
    count += known == 0;
    known = 1;
  }
  return count;
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

template <class T>
bool AnyMissing(const std::vector<T>& values) {
  return std::any_of(values.begin(), values.end(), [](const T& value) { return IsMissing(value); });
}
// Without a branch a row: most columns of numbers lack nothing.
bool AnyMissing(const std::vector<double>& values) {
  size_t missing = 0;
  for (const double value : values) missing += std::isnan(value);
  return missing > 0;
}

constexpr uint32_t kNoColumn = std::numeric_limits<uint32_t>::max();

/// Writes `c` for each row that has no value in the column and none in an earlier one. Returns how
/// many rows have none in this one.
size_t MarkMissing(const Table::Column& column, uint32_t c, std::vector<uint32_t>& first) {
  return std::visit(
      [&](const auto& values) {
        size_t count = 0;
        if (!AnyMissing(values)) return count;
        for (size_t r = 0; r < values.size(); ++r) {
          if (!IsMissing(values[r])) continue;
          ++count;
          if (first[r] == kNoColumn) first[r] = c;
        }
        return count;
      },
      column);
}

}  // namespace

std::string ColumnAdvice(const Table& table, const std::string& name) {
  constexpr size_t kMost = 20;
  std::vector<std::string> names;
  for (size_t c = 0; c < table.columns(); ++c) names.push_back(table.name(c));
  if (const std::string near = NearestWord(name, names); !near.empty()) {
    return "did you mean " + near + "?";
  }
  const bool more = names.size() > kMost;
  names.resize(std::min(names.size(), kMost));
  return fmt::format("name one of its columns: {}{}", fmt::join(names, ", "), more ? ", ..." : "");
}

Error NoSuchColumn(const Table& table, const std::string& name) {
  return Error(ErrorId::kConfigReference, "the model names a column that does not exist")
      .Field("formula")
      .Value(name)
      .Remedy(ColumnAdvice(table, name));
}

VariableInfo ModelFrame::InfoOf(const std::string& column) const {
  const auto found = info.find(column);
  return found == info.end() ? VariableInfo{} : found->second;
}

std::string ModelFrame::PersonOf(const std::string& column) const {
  const VariableInfo own = InfoOf(column);
  if (!own.person.empty()) return own.person;
  return own.pgs == "NA" ? outcome_of : "";
}

RowSelection SelectRows(const ModelFrame& frame, const std::vector<std::string>& columns) {
  const size_t n = frame.columns.rows();
  RowSelection out;
  out.n_input = n;
  out.dropped = frame.excluded;
  for (const auto& entry : frame.excluded) out.n_input += entry.second;
  std::vector<uint32_t> first(n, kNoColumn);  // column that a row lacks
  DesignMemo* const memo = frame.designs.memo();
  for (uint32_t c = 0; c < columns.size(); ++c) {
    const std::string& name = columns[c];
    if (memo != nullptr && memo->IsComplete(name)) continue;
    const size_t missing = MarkMissing(ColumnOf(frame.columns, name), c, first);
    if (memo != nullptr && missing == 0) memo->Complete(name);
    if (missing == n && n > 0) {
      throw Error(ErrorId::kAllMissing, fmt::format("column {} has no value in any row", name))
          .Field(name)
          .Remedy("check the column, the id column and whose variable it is");
    }
  }
  if (frame.memo) {
    if (auto known = frame.memo->Find(columns, first)) return *std::move(known);
  }
  std::vector<uint32_t> rows;
  rows.reserve(n);
  for (size_t r = 0; r < n; ++r) {
    if (first[r] != kNoColumn) {
      CountReason(out, ReasonOf(frame, columns[first[r]], r));
    } else if (!frame.cluster.empty() && frame.cluster[r] < 0) {
      CountReason(out, "cluster id missing");
    } else {
      rows.push_back(static_cast<uint32_t>(r));
    }
  }
  out.rows = std::move(rows);
  if (out.rows.empty()) {
    throw Error(
        ErrorId::kTooFewRows,
        fmt::format("no complete row is left of {} (most often: {})", FewOrNumber(out.n_input),
                    out.dropped.empty() ? "the table is empty" : out.dropped.front().first))
        .Remedy("check the missing codes of the model's columns, and whose variables they are");
  }
  out.n_clusters = CountDistinct(frame.cluster, out.rows);
  out.n_mothers = CountDistinct(frame.mother, out.rows);
  out.n_pregnancies = CountDistinct(frame.pregnancy, out.rows);
  return frame.memo ? frame.memo->Keep(columns, std::move(first), std::move(out)) : out;
}

std::string WhyDropped(const ModelFrame& frame, const std::vector<std::string>& columns,
                       size_t row) {
  for (const auto& name : columns) {
    const bool missing = std::visit([row](const auto& values) { return IsMissing(values[row]); },
                                    ColumnOf(frame.columns, name));
    if (missing) return ReasonOf(frame, name, row);
  }
  return !frame.cluster.empty() && frame.cluster[row] < 0 ? "cluster id missing" : "";
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
  return std::visit(
      [](const auto& values) {
        using Value = typename std::decay_t<decltype(values)>::value_type;
        using Key = std::conditional_t<std::is_same_v<Value, std::string>, std::string_view, Value>;
        std::vector<int64_t> codes(values.size(), -1);
        std::unordered_map<Key, int64_t> seen;
        for (size_t r = 0; r < values.size(); ++r) {
          if (IsMissing(values[r])) continue;
          codes[r] = seen.emplace(values[r], static_cast<int64_t>(seen.size())).first->second;
        }
        return codes;
      },
      column);
}

RowCodes Renumber(const std::vector<int64_t>& codes, const std::vector<uint32_t>& rows) {
  constexpr uint32_t kUnseen = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> known, numbered;
  numbered.reserve(rows.size());
  uint32_t n = 0;
  for (const uint32_t r : rows) {
    uint32_t& code = At(known, codes[r], kUnseen);
    if (code == kUnseen) code = n++;
    numbered.push_back(code);
  }
  return {std::move(numbered), n};
}

RowCodes CrossedCodes(const ModelFrame& frame, const std::vector<std::string>& columns,
                      const std::vector<uint32_t>& rows) {
  std::vector<uint32_t> codes(rows.size(), 0);
  uint32_t n = rows.empty() ? 0 : 1;
  for (const auto& name : columns) {
    const auto own = CodesOf(ColumnOf(frame.columns, name));
    std::unordered_map<uint64_t, uint32_t> dense;
    for (size_t i = 0; i < rows.size(); ++i) {
      // Both parts are below 2^32: codes are made dense after each column.
      const uint64_t pair = uint64_t{codes[i]} << 32 | static_cast<uint64_t>(own[rows[i]]);
      codes[i] = dense.emplace(pair, static_cast<uint32_t>(dense.size())).first->second;
    }
    n = static_cast<uint32_t>(dense.size());
  }
  return {std::move(codes), n};
}

RowCodes ClustersOf(const ModelFrame& frame, const std::vector<uint32_t>& rows) {
  if (!frame.memo) return Renumber(frame.cluster, rows);
  if (auto known = frame.memo->FindClusters(rows)) return *std::move(known);
  RowCodes clusters = Renumber(frame.cluster, rows);
  frame.memo->KeepClusters(rows, clusters);
  return clusters;
}

}  // namespace kinflow::family
