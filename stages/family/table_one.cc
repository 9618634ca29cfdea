#include "stages/family/table_one.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <unordered_set>

#include "pipeline/base/number.h"
#include "stages/family/natural_order.h"
#include "stages/family/people.h"
#include "stages/family/quantile.h"
#include "stages/family/steps.h"
#include "stages/family/table_builder.h"
#include "stages/family/time_names.h"

namespace kinflow::family {
namespace {

constexpr size_t kMaxStrata = 200;
constexpr size_t kMaxLevels = 50;  // a text with more is told by its number of values alone

using Rows = std::vector<uint32_t>;

struct Stratum {
  std::string name;
  Rows rows;
};

struct TableOneRow {
  RowKey key;
  std::string sample, variable, role = "NA", level = "NA", by = "NA", stratum;
  int64_t n_rows = 0, n_people = 0;  // of the stratum
  int64_t n = 0, people = 0;         // with a value, or with this one
  int64_t missing = Table::kMissingInt, people_missing = Table::kMissingInt;
  double share = kNa, mean = kNa, sd = kNa, median = kNa, q1 = kNa, q3 = kNa;
};

Table Built(const std::vector<TableOneRow>& rows) {
  using R = TableOneRow;
  return TableBuilder<R>(rows)
      .Key("analysis_id", &RowKey::analysis_id)
      .Key("pgs", &RowKey::pgs)
      .Add("sample", &R::sample)
      .Add("variable", &R::variable)
      .Add("role", &R::role)
      .Add("level", &R::level)
      .Add("by", &R::by)
      .Add("stratum", &R::stratum)
      .Add("n", &R::n)
      .Add("share", &R::share)
      .Add("missing", &R::missing)
      .Add("mean", &R::mean)
      .Add("sd", &R::sd)
      .Add("median", &R::median)
      .Add("q1", &R::q1)
      .Add("q3", &R::q3)
      .Add("people", &R::people)
      .Add("people_missing", &R::people_missing)
      .Add("n_rows", &R::n_rows)
      .Add("n_people", &R::n_people)
      .Take();
}

const Table::Column& ColumnOf(const ModelFrame& frame, const std::string& name) {
  const int64_t c = frame.columns.Find(name);
  if (c >= 0) return frame.columns.column(static_cast<size_t>(c));
  throw Error(ErrorId::kConfigReference, "table1 names a column that does not exist")
      .Field("table1")
      .Value(name)
      .Remedy("check the spelling and the header of the table");
}

double NumberAt(const Table::Column& column, uint32_t row) {
  if (const auto* doubles = std::get_if<Table::Doubles>(&column)) return (*doubles)[row];
  const int64_t value = std::get<Table::Ints>(column)[row];
  return value == Table::kMissingInt ? kNa : static_cast<double>(value);
}

/// A column over all rows of the frame as codes of its levels; -1 = missing.
struct Levels {
  std::vector<std::string> names;
  std::vector<int64_t> codes;
};

using NameOrder = bool (*)(const std::string&, const std::string&);
bool FactorLess(const std::string& a, const std::string& b) { return a < b; }

Levels LevelsOf(const Table::Column& column, const Rows& rows, NameOrder less = FactorLess) {
  Levels out;
  if (const auto* text = std::get_if<Table::Strings>(&column)) {
    for (const uint32_t r : rows) out.names.push_back((*text)[r]);
    std::sort(out.names.begin(), out.names.end(), less);
    std::erase_if(out.names, [](const std::string& s) { return s.empty() || s == "NA"; });
  } else {
    std::vector<double> values;
    for (const uint32_t r : rows) values.push_back(NumberAt(column, r));
    std::erase_if(values, [](double v) { return std::isnan(v); });
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const double v : values) out.names.push_back(FormatDouble(v));
  }
  out.names.erase(std::unique(out.names.begin(), out.names.end()), out.names.end());
  SortByTime(out.names);
  std::map<std::string, int64_t> code;
  for (size_t i = 0; i < out.names.size(); ++i) code[out.names[i]] = static_cast<int64_t>(i);
  const auto* text = std::get_if<Table::Strings>(&column);
  const size_t n = std::visit([](const auto& values) { return values.size(); }, column);
  out.codes.assign(n, -1);
  for (const uint32_t r : rows) {
    const auto found = code.find(text ? (*text)[r] : FormatDouble(NumberAt(column, r)));
    if (found != code.end()) out.codes[r] = found->second;
  }
  return out;
}

/// Of numbers: one level for all values.
Levels PresenceOf(const Table::Column& column, const Rows& rows) {
  Levels out{{"value"},
             std::vector<int64_t>(std::visit([](const auto& v) { return v.size(); }, column), -1)};
  for (const uint32_t r : rows) {
    if (!std::isnan(NumberAt(column, r))) out.codes[r] = 0;
  }
  return out;
}

// Two at most: their mean would tell how many have each.
bool HasTwoValues(const Table::Column& column, const Rows& rows) {
  std::set<double> values;
  for (const uint32_t r : rows) {
    const double value = NumberAt(column, r);
    if (!std::isnan(value)) values.insert(value);
    if (values.size() > 2) return false;
  }
  return true;
}

/// All rows first, then the strata in the order of their columns' levels; names that are no times
/// in natural order, which that of waves mostly is.
std::vector<Stratum> StrataOf(const ModelFrame& frame, const std::vector<std::string>& by,
                              const Rows& rows) {
  std::vector<Stratum> out{{"all", rows}};
  if (by.empty()) return out;
  std::vector<Levels> levels;
  for (const auto& name : by) levels.push_back(LevelsOf(ColumnOf(frame, name), rows, NaturalLess));
  std::map<std::vector<int64_t>, Rows> strata;
  for (const uint32_t r : rows) {
    std::vector<int64_t> key;
    for (const auto& column : levels) {
      const int64_t code = column.codes[r];
      key.push_back(code < 0 ? static_cast<int64_t>(column.names.size()) : code);  // NA last
    }
    strata[key].push_back(r);
  }
  if (strata.size() > kMaxStrata) {
    throw Error(ErrorId::kLimitExceeded, fmt::format("table1 has {} strata", strata.size()))
        .Field("table1.by")
        .Value(fmt::format("{}", fmt::join(by, ", ")))
        .Remedy("name columns of groups or waves");
  }
  for (auto& [key, members] : strata) {
    std::string name;
    for (size_t i = 0; i < key.size(); ++i) {
      const auto at = static_cast<size_t>(key[i]);
      name += (i == 0 ? "" : " / ") + (at < levels[i].names.size() ? levels[i].names[at] : "NA");
    }
    out.push_back({std::move(name), std::move(members)});
  }
  return out;
}

int64_t CountPeople(const std::vector<int64_t>& codes, const Rows& rows) {
  if (codes.empty()) return static_cast<int64_t>(rows.size());
  std::unordered_set<int64_t> seen;
  int64_t unknown = 0;
  for (const uint32_t r : rows) {
    if (codes[r] < 0) {
      ++unknown;
    } else {
      seen.insert(codes[r]);
    }
  }
  return static_cast<int64_t>(seen.size()) + unknown;
}

void Moments(std::vector<double> values, TableOneRow& row) {
  if (values.empty()) return;
  const auto n = static_cast<double>(values.size());
  row.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - row.mean) * (v - row.mean);
  if (n > 1) row.sd = std::sqrt(squares / (n - 1));
  std::sort(values.begin(), values.end());
  row.q1 = SortedQuantile(values, 0.25);
  row.median = SortedQuantile(values, 0.5);
  row.q3 = SortedQuantile(values, 0.75);
  if (values.front() < values.back()) return;
  row.mean = values.front();  // without the rounding of a sum
  if (n > 1) row.sd = 0;
}

/// One call of TableOne().
class Description {
 public:
  Description(const ModelFrame& frame, const ModelSpec& spec, const TableOneOptions& options)
      : frame_(frame), spec_(spec), options_(options) {
    if (options.sample == "used") {
      rows_ = SelectRows(frame, spec.Columns()).rows;
    } else {
      rows_.resize(frame.columns.rows());
      std::iota(rows_.begin(), rows_.end(), 0U);
    }
    strata_ = StrataOf(frame, options.by, rows_);
  }

  Table Go(bool scores_only) {
    for (const auto& name : Variables()) {
      if (!scores_only || frame_.InfoOf(name).pgs == spec_.pgs) Describe(name);
    }
    return Built(out_);
  }

 private:
  std::vector<std::string> Variables() const {
    const auto groups = spec_.formula.GroupColumns();
    std::vector<std::string> out;
    const auto add = [&](const std::string& name) {
      const auto in = [&name](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), name) != names.end();
      };
      if (!in(options_.by) && !in(out)) out.push_back(name);
    };
    for (const auto& name : spec_.Columns()) {
      if (std::find(groups.begin(), groups.end(), name) == groups.end()) add(name);
    }
    for (const auto& name : options_.columns) add(name);
    return out;
  }

  bool IsFactor(const std::string& name, const Table::Column& column) const {
    const auto& variables = spec_.formula.variables;
    const bool told = std::any_of(variables.begin(), variables.end(),
                                  [&](const auto& v) { return v.column == name && v.as_factor; });
    return told || std::holds_alternative<Table::Strings>(column) || HasTwoValues(column, rows_);
  }

  std::string RoleOf(const std::string& name) const {
    const std::string role = frame_.InfoOf(name).role;
    if (role != "covariate") return role;
    const std::string end = name.substr(name.rfind('.') + 1);
    if (end != name && IsMemberRole(end)) return end;
    return frame_.outcome_of.empty() ? "NA" : frame_.outcome_of;
  }

  void Describe(const std::string& name) {
    const Table::Column& column = ColumnOf(frame_, name);
    const bool factor = IsFactor(name, column);
    const Levels levels = factor ? LevelsOf(column, rows_) : PresenceOf(column, rows_);
    TableOneRow row;
    row.key.analysis_id = spec_.analysis_id;
    row.key.pgs = frame_.InfoOf(name).pgs;
    row.sample = options_.sample;
    row.variable = name;
    row.role = RoleOf(name);
    if (!options_.by.empty()) row.by = fmt::format("{}", fmt::join(options_.by, " / "));
    for (const Stratum& stratum : strata_) {
      row.stratum = stratum.name;
      row.n_rows = static_cast<int64_t>(stratum.rows.size());
      row.n_people = CountPeople(PeopleOf(frame_), stratum.rows);
      AddStratum(column, levels, factor, stratum.rows, row);
    }
  }

  void AddStratum(const Table::Column& column, const Levels& levels, bool factor, const Rows& rows,
                  TableOneRow row) {
    std::vector<Rows> at(levels.names.size());
    Rows with, without;
    for (const uint32_t r : rows) {
      const int64_t code = levels.codes[r];
      (code < 0 ? without : with).push_back(r);
      if (code >= 0 && factor) at[static_cast<size_t>(code)].push_back(r);
    }
    const auto& people = PeopleOf(frame_);
    row.n = static_cast<int64_t>(with.size());
    row.people = CountPeople(people, with);
    TableOneRow summary = row;
    summary.missing = static_cast<int64_t>(without.size());
    summary.people_missing = CountPeople(people, without);
    if (!factor) {
      std::vector<double> values;
      for (const uint32_t r : with) values.push_back(NumberAt(column, r));
      Moments(std::move(values), summary);
    }
    out_.push_back(std::move(summary));
    if (!factor || levels.names.size() > kMaxLevels) return;
    for (size_t i = 0; i < at.size(); ++i) {
      TableOneRow level = row;
      level.level = levels.names[i];
      level.n = static_cast<int64_t>(at[i].size());
      level.people = CountPeople(people, at[i]);
      if (!with.empty())
        level.share = static_cast<double>(at[i].size()) / static_cast<double>(with.size());
      out_.push_back(std::move(level));
    }
  }

  const ModelFrame& frame_;
  const ModelSpec& spec_;
  const TableOneOptions& options_;
  Rows rows_;
  std::vector<Stratum> strata_;
  std::vector<TableOneRow> out_;
};

}  // namespace

Table TableOne(const ModelFrame& frame, const ModelSpec& spec, const TableOneOptions& options,
               bool scores_only) {
  return Description(frame, spec, options).Go(scores_only);
}

}  // namespace kinflow::family
