#include "stages/kinship/decisions_table.h"

#include <fmt/format.h>

#include <limits>
#include <set>
#include <vector>

#include "pipeline/base/number.h"
#include "stages/qc/ledger.h"

namespace kinflow::kinship {
namespace {

double ValueOf(const std::string& cell, double /*type*/) {
  return ParseDouble(cell).value_or(std::numeric_limits<double>::quiet_NaN());
}
int64_t ValueOf(const std::string& cell, int64_t /*type*/) {
  return ParseInt(cell).value_or(Table::kMissingInt);
}
std::string ValueOf(const std::string& cell, const std::string& /*type*/) {
  return cell.empty() ? "NA" : cell;
}

/// Undecided rows are proposed again if their conflict is still there.
std::vector<const DecidedRow*> Decided(const DecisionsFile& file) {
  std::vector<const DecidedRow*> rows;
  for (const DecidedRow& row : file.rows) {
    if (row.decision.action != Action::kCheck) rows.push_back(&row);
  }
  return rows;
}

/// The filter that removed whom the run would have removed and the row keeps; "" = none. Of other
/// conflicts `keep` says that they are not proposed again, not that anybody stays; and whom a
/// decision removes is not removed against another one.
std::string OverruledBy(const DecidedRow& row, const RemovedBy& removed) {
  const auto proposed = row.cells.find("PROPOSED");
  if (row.decision.action != Action::kKeep || proposed == row.cells.end()) return "";
  for (const std::string* iid : {&row.decision.person, &row.decision.value}) {
    if (proposed->second != Describe({Action::kRemove, *iid, ""})) continue;
    const auto it = removed.find(*iid);
    if (it != removed.end() && !it->second.starts_with("decision:")) return it->second;
  }
  return "";
}

/// False if there is no conflict that the row, which keeps, is about.
bool HasConflict(const DecidedRow& row, const Table* settled) {
  if (row.decision.action != Action::kKeep || settled == nullptr) return true;
  const auto &iid_1 = settled->StringsOf("IID1"), &iid_2 = settled->StringsOf("IID2"),
             &kind = settled->StringsOf("KIND");
  for (size_t r = 0; r < settled->rows(); ++r) {
    const std::string other = iid_2[r] == "NA" ? "" : iid_2[r];
    if (IsAbout(row.about, iid_1[r], other, kind[r])) return true;
  }
  return false;
}

std::string StatusOf(const DecidedRow& row, const RemovedBy& removed, const Table* settled) {
  if (const std::string filter = OverruledBy(row, removed); !filter.empty()) {
    return "overruled by " + filter;
  }
  return row.needless || !HasConflict(row, settled) ? kStatusNeedless : kStatusApplied;
}

/// Rows of the proposals that are still open: not about people who are removed.
std::vector<size_t> OpenRows(const std::vector<const DecidedRow*>& decided,
                             const Table& proposals) {
  std::set<std::string> removed;
  for (const DecidedRow* row : decided) {
    if (row->decision.action == Action::kRemove) removed.insert(row->decision.person);
  }
  std::vector<size_t> open;
  for (size_t r = 0; r < proposals.rows(); ++r) {
    if (!removed.contains(proposals.StringsOf("PERSON")[r])) open.push_back(r);
  }
  return open;
}

/// Cells of the file as a column of the type of `proposals`, then those of its open rows.
Table::Column Joined(const std::vector<const DecidedRow*>& decided, const std::string& name,
                     const Table::Column& proposals, const std::vector<size_t>& open) {
  return std::visit(
      [&](const auto& proposed) -> Table::Column {
        std::decay_t<decltype(proposed)> column;
        for (const DecidedRow* row : decided) {
          const auto cell = row->cells.find(name);
          column.push_back(ValueOf(cell == row->cells.end() ? std::string() : cell->second,
                                   typename std::decay_t<decltype(proposed)>::value_type()));
        }
        for (const size_t r : open) column.push_back(proposed[r]);
        return column;
      },
      proposals);
}

}  // namespace

Table AllDecisions(const DecisionsFile& applied, const Table& proposals, const RemovedBy& removed,
                   const Table* settled) {
  std::vector<const DecidedRow*> decided = Decided(applied);
  const std::vector<size_t> open = OpenRows(decided, proposals);
  Table::Strings origin, status;
  for (const DecidedRow* row : decided) status.push_back(StatusOf(*row, removed, settled));
  for (const DecidedRow& row : applied.absent) {
    decided.push_back(&row);
    status.emplace_back(kStatusAbsent);
  }
  for (const DecidedRow* row : decided) origin.emplace_back(OriginName(row->origin));
  origin.resize(decided.size() + open.size(), OriginName(Origin::kProposed));
  status.resize(origin.size(), OriginName(Origin::kProposed));
  Table all;
  for (size_t c = 0; c < proposals.columns(); ++c) {
    const std::string& name = proposals.name(c);
    all.Add(name, Joined(decided, name, proposals.column(c), open));
    if (name != "VALUE") continue;
    all.Add("ORIGIN", origin);
    all.Add("STATUS", status);
  }
  return all;
}

OpenDecisions CountOpen(const Table& all) {
  const auto& status = all.StringsOf("STATUS");
  const auto& confidence = all.StringsOf("CONFIDENCE");
  OpenDecisions open;
  for (size_t r = 0; r < all.rows(); ++r) {
    if (status[r] != OriginName(Origin::kProposed)) continue;
    ++open.proposed;
    open.high += confidence[r] == "high" ? 1 : 0;
  }
  return open;
}

std::string AppliedByAction(const DecisionsFile& file, int64_t small_cell) {
  std::map<Action, int64_t> counts;
  for (const DecidedRow* row : Decided(file)) {
    if (!row->needless) ++counts[row->decision.action];
  }
  std::string text;
  for (const auto& [action, n] : counts) {
    const bool small = action == Action::kRemove && n < small_cell;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        small ? fmt::format("fewer than {}", small_cell) : fmt::format("{}", n),
                        ActionName(action));
  }
  return text;
}

Table OverruledLedger(const DecisionsFile& applied, const RemovedBy& removed) {
  std::set<std::string> kinds;
  for (const DecidedRow& row : applied.rows) {
    const std::string filter = OverruledBy(row, removed);
    if (filter.empty()) continue;
    kinds.insert(std::string("keep:") + OriginName(row.origin) + " overruled by " + filter);
  }
  std::vector<LedgerRow> rows;
  for (const std::string& kind : kinds) {
    LedgerRow row;
    row.step = "decisions";
    row.filter = kind;
    rows.push_back(std::move(row));
  }
  return rows.empty() ? Table() : LedgerTable(rows);
}

}  // namespace kinflow::kinship
