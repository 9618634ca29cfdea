#include "stages/report/disclosure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "stages/report/coarse_numbers.h"
#include "stages/report/small_count.h"

namespace kinflow {
namespace {

/// Indices of the columns of `table` that are named here and hold integers.
std::vector<size_t> IntColumns(const Table& table, std::initializer_list<const char*> names) {
  std::vector<size_t> found;
  for (const char* name : names) {
    const int64_t c = table.Find(name);
    if (c >= 0 && std::holds_alternative<Table::Ints>(table.column(static_cast<size_t>(c)))) {
      found.push_back(static_cast<size_t>(c));
    }
  }
  return found;
}

/// Columns of the ledger that count who is left after a step.
std::vector<size_t> CountsAfter(const Table& ledger) {
  return IntColumns(
      ledger, {"SAMPLES_OUT", "MOTHERS", "FATHERS", "CHILDREN", "TRIOS", "DUOS", "SINGLETONS"});
}

/// Which rows of the ledger are shown. From a row that is not, nothing may follow by subtraction:
/// the next that is shown differs from the last one by nobody or by `small` people at least, in
/// every column. Its numbers of people before the step stay hidden (`in_known` = false).
struct LedgerRows {
  std::vector<bool> shown, in_known;
};
LedgerRows ShownRows(const Table& ledger, const std::vector<size_t>& after, int64_t small) {
  LedgerRows rows;
  std::vector<int64_t> last;
  for (size_t r = 0; r < ledger.rows(); ++r) {
    std::vector<int64_t> counts;
    for (const size_t c : after) {
      const int64_t n = std::get<Table::Ints>(ledger.column(c))[r];
      // What a step does not count is as it was.
      counts.push_back(n == Table::kMissingInt && !last.empty() ? last[counts.size()] : n);
    }
    bool shown = true;
    for (size_t k = 0; k < last.size(); ++k) {
      if (counts[k] == Table::kMissingInt || last[k] == Table::kMissingInt) continue;
      const int64_t change = counts[k] - last[k];
      shown = shown && !IsSmall(change < 0 ? -change : change, small);
    }
    rows.in_known.push_back(r == 0 || rows.shown.back());
    rows.shown.push_back(shown);
    if (shown) last = std::move(counts);
  }
  return rows;
}

/// True if `n` numbers from 1 to `small` - 1 of this sum can be told apart by it: one number alone,
/// or several that are all the smallest or all the largest.
bool SumTells(int64_t n, int64_t sum, int64_t small) {
  return n > 0 &&
         std::min(small - 1, sum - (n - 1)) == std::max<int64_t>(1, sum - (n - 1) * (small - 1));
}

/// Rows of one model in the account of rows used (quantity, reason, count): small counts that would
/// follow from the others. The next larger one is hidden as well, or, without another, the number
/// of rows before.
void HideWithSmall(const Table& table, const Table::Ints& counts, size_t begin, size_t end,
                   int64_t small, std::vector<bool>& hidden) {
  const auto& quantity = table.StringsOf("quantity");
  size_t next = end;
  int64_t n_small = 0, sum = 0;
  for (size_t r = begin; r < end; ++r) {
    const bool dropped = quantity[r] == "n_dropped";
    if ((!dropped && quantity[r] != "n_used") || counts[r] == 0) continue;
    if (IsSmall(counts[r], small)) {
      ++n_small;
      sum += counts[r];
    } else if (dropped && (next == end || counts[r] < counts[next])) {
      next = r;
    }
  }
  for (size_t r = begin; next == end && r < end; ++r) {
    if (quantity[r] == "n_input") next = r;
  }
  if (SumTells(n_small, sum, small) && next < end) hidden[next] = true;
}

/// Patterns of missing values, which `fit` tells as well, are no rows or people.
bool CountsRows(const Table& table, size_t r) {
  return table.Find("quantity") < 0 || table.StringsOf("quantity")[r] != "n_patterns";
}

/// Models of one analysis have one number of rows before: if it is hidden for one of them, it is
/// for all.
void HideInputOfOthers(const Table& table, std::vector<bool>& hidden) {
  const auto& quantity = table.StringsOf("quantity");
  const int64_t analysis = table.Find("analysis_id");
  if (analysis < 0) return;
  std::set<std::string> hiding;
  const auto& ids = std::get<Table::Strings>(table.column(static_cast<size_t>(analysis)));
  for (size_t r = 0; r < table.rows(); ++r) {
    if (hidden[r] && quantity[r] == "n_input") hiding.insert(ids[r]);
  }
  for (size_t r = 0; r < table.rows(); ++r) {
    if (quantity[r] == "n_input" && hiding.contains(ids[r])) hidden[r] = true;
  }
}

/// Cells of the column `count` that are hidden beside small ones.
std::vector<bool> HiddenAccounts(const Table& table, const Table::Ints& counts, int64_t small) {
  std::vector<bool> hidden(table.rows(), false);
  if (table.Find("quantity") < 0) return hidden;
  const auto model_of = [&](size_t r) {
    std::string key;
    for (size_t c = 0; c < table.columns(); ++c) {
      const std::string& name = table.name(c);
      if (name != "quantity" && name != "reason" && name != "count") key += table.Cell(r, c) + '\t';
    }
    return key;
  };
  for (size_t begin = 0, end = 0; begin < table.rows(); begin = end) {
    const std::string model = model_of(begin);
    while (end < table.rows() && model_of(end) == model) ++end;
    HideWithSmall(table, counts, begin, end, small, hidden);
  }
  HideInputOfOthers(table, hidden);
  return hidden;
}

// Which cells of a ledger's row are hidden, by column name. Its columns are sums of each other: of
// each sum with one hidden member a second one is hidden, the total or the smallest part shown.
class LedgerRow {
 public:
  LedgerRow(std::map<std::string, int64_t> counts, int64_t small) : counts_(std::move(counts)) {
    for (const auto& [name, n] : counts_) {
      if (IsSmall(n, small)) hidden_.insert(name);
    }
    bool more = true;
    while (more) {
      more = HideSecond({"TRIOS", "DUOS"}, "CHILDREN");
      more |= HideSecond({"MOTHERS", "FATHERS", "CHILDREN", "SINGLETONS"}, "");
    }
  }
  bool Hides(const std::string& name) const { return hidden_.contains(name); }

 private:
  bool HideSecond(const std::vector<std::string>& parts, const std::string& total) {
    size_t n_hidden = total.empty() ? 0 : hidden_.count(total);
    std::string smallest = total;
    for (const auto& part : parts) {
      const auto count = counts_.find(part);
      if (count == counts_.end() || count->second == 0) continue;
      n_hidden += hidden_.count(part);
      if (hidden_.contains(part)) continue;
      if (smallest.empty() || hidden_.contains(smallest) ||
          (smallest != total && count->second < counts_.at(smallest))) {
        smallest = part;
      }
    }
    return n_hidden == 1 && !smallest.empty() && hidden_.insert(smallest).second;
  }

  std::map<std::string, int64_t> counts_;
  std::set<std::string> hidden_;
};

std::vector<LedgerRow> LedgerRowsOf(const Table& ledger, const std::vector<size_t>& columns,
                                    int64_t small) {
  std::vector<LedgerRow> rows;
  for (size_t r = 0; r < ledger.rows(); ++r) {
    std::map<std::string, int64_t> counts;
    for (const size_t c : columns) {
      counts[ledger.name(c)] = std::get<Table::Ints>(ledger.column(c))[r];
    }
    rows.emplace_back(std::move(counts), small);
  }
  return rows;
}

}  // namespace

Table SuppressLedger(const Table& ledger, int64_t small) {
  const auto after = CountsAfter(ledger);
  const int64_t before = ledger.Find("SAMPLES_IN");
  const LedgerRows rows = ShownRows(ledger, after, small);
  const std::vector<LedgerRow> within = LedgerRowsOf(ledger, after, small);
  Table shared;
  for (size_t c = 0; c < ledger.columns(); ++c) {
    const bool is_before = static_cast<int64_t>(c) == before;
    const bool of_genotypes = ledger.name(c) == "GENOTYPES_SET";
    if (!is_before && !of_genotypes && std::find(after.begin(), after.end(), c) == after.end()) {
      shared.Add(ledger.name(c), ledger.column(c));
      continue;
    }
    const auto& counts = std::get<Table::Ints>(ledger.column(c));
    Table::Strings cells;
    for (size_t r = 0; r < counts.size(); ++r) {
      const bool shown = of_genotypes ? counts[r] != Table::kMissingInt
                         : is_before  ? rows.in_known[r]
                                      : rows.shown[r];
      cells.push_back(!shown                      ? "NA"
                      : IsSmall(counts[r], small) ? fmt::format("<{}", small)
                      : of_genotypes ? fmt::to_string(NearestMultiple(counts[r], small))
                      : !is_before && within[r].Hides(ledger.name(c)) ? "NA"
                                                                      : ledger.Cell(r, c));
    }
    shared.Add(ledger.name(c), std::move(cells));
  }
  return shared;
}

Table SuppressLedgerBefore(const Table& before, const Table& ledger, int64_t small) {
  Table backwards;
  for (size_t c = 0; c < before.columns(); ++c) {
    backwards.Add(before.name(c), std::visit(
                                      [&](auto rows) -> Table::Column {
                                        using Rows = decltype(rows);
                                        if (ledger.rows() > 0) {
                                          rows.push_back(std::get<Rows>(ledger.column(c)).front());
                                        }
                                        std::reverse(rows.begin(), rows.end());
                                        return rows;
                                      },
                                      before.column(c)));
  }
  const Table suppressed = SuppressLedger(backwards, small);
  Table shared;
  for (size_t c = 0; c < suppressed.columns(); ++c) {
    shared.Add(suppressed.name(c), std::visit(
                                       [&](auto rows) -> Table::Column {
                                         std::reverse(rows.begin(), rows.end());
                                         rows.resize(before.rows());
                                         return rows;
                                       },
                                       suppressed.column(c)));
  }
  return shared;
}

bool FewFamilies(const Table& ledger, int64_t small) {
  if (ledger.rows() == 0) return false;
  const size_t last = ledger.rows() - 1;
  return IsSmall(ledger.IntsOf("TRIOS")[last], small) ||
         IsSmall(ledger.IntsOf("DUOS")[last], small);
}

bool FewRemoved(const Table& ledger, int64_t small) {
  const auto rows = ShownRows(ledger, CountsAfter(ledger), small);
  return std::find(rows.shown.begin(), rows.shown.end(), false) != rows.shown.end();
}

Table SuppressSmallModels(const Table& table, int64_t small) {
  std::vector<bool> hidden(table.rows(), false);
  for (const size_t c : IntColumns(table, {"n", "N", "n_level"})) {
    const auto& counts = std::get<Table::Ints>(table.column(c));
    for (size_t r = 0; r < counts.size(); ++r) hidden[r] = hidden[r] || IsSmall(counts[r], small);
  }
  const auto accounts = IntColumns(table, {"count"});
  Table shared;
  for (size_t c = 0; c < table.columns(); ++c) {
    if (!accounts.empty() && c == accounts.front()) {
      const auto& counts = std::get<Table::Ints>(table.column(c));
      const std::vector<bool> beside = HiddenAccounts(table, counts, small);
      Table::Strings cells;
      for (size_t r = 0; r < table.rows(); ++r) {
        if (hidden[r]) continue;
        const bool few = IsSmall(counts[r], small) && CountsRows(table, r);
        cells.push_back(few ? fmt::format("<{}", small) : beside[r] ? "NA" : table.Cell(r, c));
      }
      shared.Add(table.name(c), std::move(cells));
      continue;
    }
    shared.Add(table.name(c), std::visit(
                                  [&](const auto& rows) -> Table::Column {
                                    std::decay_t<decltype(rows)> kept;
                                    for (size_t r = 0; r < rows.size(); ++r) {
                                      if (!hidden[r]) kept.push_back(rows[r]);
                                    }
                                    return kept;
                                  },
                                  table.column(c)));
  }
  return shared;
}

Table SuppressScoreAdjustment(const Table& table, int64_t small) {
  const Table rows = SuppressSmallModels(table, small);
  const auto& dropped = rows.IntsOf("N_DROPPED");
  Table shared;
  for (size_t c = 0; c < rows.columns(); ++c) {
    const std::string& name = rows.name(c);
    if (name != "N" && name != "SCALE_N" && name != "N_DROPPED") {
      shared.Add(name, rows.column(c));
      continue;
    }
    Table::Strings cells;
    for (size_t r = 0; r < rows.rows(); ++r) {
      cells.push_back(!IsSmall(dropped[r], small) ? rows.Cell(r, c)
                      : name == "N_DROPPED"       ? fmt::format("<{}", small)
                                                  : "NA");
    }
    shared.Add(name, std::move(cells));
  }
  return shared;
}

Table HideCountsOfPeople(const Table& table) {
  Table shared;
  for (size_t c = 0; c < table.columns(); ++c) {
    const std::string& name = table.name(c);
    Table::Column column = table.column(c);
    if (name == "SE" || name == "T" || name == "P" || name == "NEG_LOG10_P" ||
        name == "UNRESOLVED") {
      for (double& x : std::get<Table::Doubles>(column)) x = TwoDigits(x);
    } else if (name == "N" || name == "SCALE_N" || name == "DF" || name == "IMPOSSIBLE") {
      if (auto* v = std::get_if<Table::Ints>(&column)) v->assign(v->size(), Table::kMissingInt);
      if (auto* v = std::get_if<Table::Doubles>(&column)) v->assign(v->size(), std::nan(""));
      if (auto* v = std::get_if<Table::Strings>(&column)) v->assign(v->size(), "NA");
    }
    shared.Add(name, std::move(column));
  }
  return shared;
}

}  // namespace kinflow
