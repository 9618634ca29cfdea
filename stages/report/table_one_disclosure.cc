#include "stages/report/table_one_disclosure.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "pipeline/base/number.h"
#include "stages/report/rows_of_table.h"
#include "stages/report/small_count.h"

namespace kinflow {
namespace {

using Rows = std::vector<size_t>;
constexpr const char* kAll = "all";       // the stratum of all rows
constexpr const char* kMissing = "\tNA";  // the level of missing values: no level has a tab

std::string KeyOf(const Table& table, size_t row, std::initializer_list<const char*> columns) {
  std::string key;
  for (const char* name : columns) {
    key += table.Cell(row, static_cast<size_t>(table.Find(name))) + '\t';
  }
  return key;
}

std::map<std::string, Rows> RowsBy(const Table& table, std::initializer_list<const char*> columns) {
  std::map<std::string, Rows> out;
  for (size_t r = 0; r < table.rows(); ++r) out[KeyOf(table, r, columns)].push_back(r);
  return out;
}

/// The smallest of `people` that is neither hidden nor nobody; "" = none.
std::string SmallestShown(const std::map<std::string, int64_t>& people,
                          const std::set<std::string>& hidden) {
  std::string smallest;
  for (const auto& [name, n] : people) {
    if (n == 0 || hidden.contains(name)) continue;
    if (smallest.empty() || n < people.at(smallest)) smallest = name;
  }
  return smallest;
}

/// Strata of one sample that are hidden.
std::set<std::string> HiddenStrata(const Table& table, const Rows& rows, int64_t small) {
  std::map<std::string, int64_t> people;
  for (const size_t r : rows) {
    people[table.StringsOf("stratum")[r]] = table.IntsOf("n_people")[r];
  }
  std::set<std::string> hidden;
  if (IsSmall(people[kAll], small)) {
    for (const auto& [name, n] : people) hidden.insert(name);
    return hidden;
  }
  people.erase(kAll);
  for (const auto& [name, n] : people) {
    if (IsSmall(n, small)) hidden.insert(name);
  }
  if (hidden.empty()) return hidden;
  const std::string next = SmallestShown(people, hidden);
  if (!next.empty()) hidden.insert(next);
  return hidden;
}

/// One variable of an analysis: how many people have each level in each stratum.
class Variable {
 public:
  Variable(const Table& table, const Rows& rows, const std::set<std::string>& hidden_strata,
           int64_t small)
      : small_(small) {
    for (const size_t r : rows) Count(table, r);
    MergeHidden(hidden_strata);
    for (const auto& [stratum, levels] : people_) {
      for (const auto& [level, n] : levels) {
        total_[level] = std::max(total_[level], n);
        if (IsSmall(n, small)) hidden_.insert(level);
      }
    }
    while (Tells()) {
      const std::string next = SmallestShown(total_, hidden_);
      if (next.empty()) break;
      hidden_.insert(next);
    }
    HideMeans();
  }

  bool Hides(const std::string& level) const { return hidden_.contains(level); }
  bool HidesMissing() const { return Hides(kMissing); }
  bool HidesMean(const std::string& stratum) const { return no_mean_.contains(stratum); }

 private:
  void Count(const Table& table, size_t r) {
    const std::string& stratum = table.StringsOf("stratum")[r];
    const std::string& level = table.StringsOf("level")[r];
    auto& levels = people_[stratum];
    if (level != "NA") {
      has_levels_ = true;
      levels[level] = table.IntsOf("people")[r];
      return;
    }
    levels[kMissing] = table.IntsOf("people_missing")[r];
    with_value_[stratum] = table.IntsOf("people")[r];
  }

  // Hidden strata are known as what is left of all rows: of their union each level has at least as
  // many people as of any of them.
  void MergeHidden(const std::set<std::string>& hidden) {
    if (!has_levels_) {
      for (const auto& [stratum, n] : with_value_) people_[stratum]["\tvalue"] = n;
    }
    std::map<std::string, int64_t> left;
    for (const auto& stratum : hidden) {
      for (const auto& [level, n] : people_[stratum]) left[level] = std::max(left[level], n);
      people_.erase(stratum);
    }
    if (!left.empty()) people_["\tleft"] = left;
  }

  // Hidden levels are known together, too.
  bool Tells() const {
    for (const auto& entry : people_) {
      int64_t most = 0;
      for (const auto& level : hidden_) {
        const auto n = entry.second.find(level);
        if (n != entry.second.end()) most = std::max(most, n->second);
      }
      if (IsSmall(most, small_)) return true;
    }
    // A level alone follows from the others.
    return hidden_.size() == 1;
  }

  void HideMeans() {
    for (const auto& [stratum, n] : with_value_) {
      if (n < small_) no_mean_.insert(stratum);
    }
    std::map<std::string, int64_t> strata = with_value_;
    strata.erase(kAll);
    const bool few = std::any_of(strata.begin(), strata.end(),
                                 [this](const auto& s) { return IsSmall(s.second, small_); });
    const std::string next = few ? SmallestShown(strata, no_mean_) : "";
    if (!next.empty()) no_mean_.insert(next);
  }

  int64_t small_;
  bool has_levels_ = false;
  std::map<std::string, std::map<std::string, int64_t>> people_;  // by stratum and level
  std::map<std::string, int64_t> with_value_;                     // by stratum
  std::map<std::string, int64_t> total_;                          // most of a level
  std::set<std::string> hidden_, no_mean_;
};

double Rounded(double value) { return ParseDouble(FormatDouble(value, 4)).value_or(value); }

/// Cells of a row that are NA, by column name.
bool IsNa(const Table& table, size_t r, const std::string& column, const Variable& variable,
          const HiddenElsewhere& elsewhere, int64_t small) {
  const int64_t people = table.IntsOf("people")[r];
  const bool of_people = column == "people" || column == "people_missing" || column == "n_people";
  const bool counts = of_people || column == "n" || column == "missing" || column == "n_rows";
  const bool summary = table.StringsOf("level")[r] == "NA";
  if (table.StringsOf("sample")[r] == "all") {
    const std::string& analysis = table.StringsOf("analysis_id")[r];
    if (counts && elsewhere.rows.contains(analysis)) return true;
    // Of one wave more people than these are missing; and all waves have a row each.
    if (of_people && table.StringsOf("stratum")[r] == kAll && elsewhere.waveless.contains(analysis))
      return true;
  }
  if (column == "share") return variable.HidesMissing();
  if (counts) {
    return summary && column != "n_rows" && column != "n_people" && variable.HidesMissing();
  }
  if (column == "mean" || column == "sd") {
    return variable.HidesMean(table.StringsOf("stratum")[r]);
  }
  if (column == "median") return people < 2 * small;
  return (column == "q1" || column == "q3") && people < 4 * small;
}

}  // namespace

Table SuppressTableOne(const Table& table, const HiddenElsewhere& elsewhere, int64_t small) {
  if (table.rows() == 0) return table;
  std::map<std::string, std::set<std::string>> strata;
  for (const auto& [key, rows] : RowsBy(table, {"analysis_id", "pgs"})) {
    strata[key] = HiddenStrata(table, rows, small);
  }
  std::vector<bool> hidden(table.rows(), false);
  std::map<std::string, std::vector<bool>> na;
  for (const auto& [key, rows] : RowsBy(table, {"analysis_id", "pgs", "variable"})) {
    const auto& hidden_strata = strata.at(KeyOf(table, rows.front(), {"analysis_id", "pgs"}));
    const Variable variable(table, rows, hidden_strata, small);
    for (const size_t r : rows) {
      hidden[r] = hidden_strata.contains(table.StringsOf("stratum")[r]) ||
                  variable.Hides(table.StringsOf("level")[r]);
      for (size_t c = 0; c < table.columns(); ++c) {
        auto& cells = na[table.name(c)];
        cells.resize(table.rows(), false);
        cells[r] = IsNa(table, r, table.name(c), variable, elsewhere, small);
      }
    }
  }
  Table out;
  for (size_t c = 0; c < table.columns(); ++c) {
    Table::Column column = table.column(c);
    const auto& cells = na.at(table.name(c));
    for (size_t r = 0; r < table.rows(); ++r) {
      if (auto* v = std::get_if<Table::Doubles>(&column))
        (*v)[r] = cells[r] ? NAN : Rounded((*v)[r]);
      if (auto* v = std::get_if<Table::Ints>(&column); v && cells[r]) (*v)[r] = Table::kMissingInt;
    }
    out.Add(table.name(c), std::move(column));
  }
  return WithoutRows(out, hidden);
}

}  // namespace kinflow
