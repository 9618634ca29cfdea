#include "stages/formats/id_roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <vector>

namespace kinflow {
namespace {

constexpr std::array<const char*, 4> kMany{"others", "mothers", "fathers", "children"};

std::string KeyOf(const std::string& id, const std::string& pregnancy) {
  return id + '\n' + pregnancy;
}

Role RoleOf(const Pedigree& pedigree, const std::string& id) {
  const int64_t person = pedigree.Find(id);
  return person < 0 ? Role::kOther : pedigree.role(static_cast<size_t>(person));
}

/// Rows by the role of their id, each person (and pregnancy) once in `keys`.
struct RowsByRole {
  std::array<uint64_t, kMany.size()> keys{};
  std::array<std::vector<size_t>, kMany.size()> rows;
  std::unordered_set<std::string> known;
};

RowsByRole SortRows(const PhenotypeTable& table, const Pedigree& pedigree) {
  RowsByRole out;
  for (size_t row = 0; row < table.ids.size(); ++row) {
    const auto role = static_cast<size_t>(RoleOf(pedigree, table.ids[row]));
    const std::string pregnancy = table.pregnancies.empty() ? "" : table.pregnancies[row];
    out.rows[role].push_back(row);
    out.keys[role] += out.known.insert(KeyOf(table.ids[row], pregnancy)).second ? 1 : 0;
  }
  return out;
}

/// Children of whom, their mother and their father two or more have a row.
uint64_t CountTogether(const RowsByRole& rows, bool by_pregnancy, const Pedigree& pedigree) {
  uint64_t together = 0;
  for (const Person& child : pedigree.people()) {
    if (child.mother.empty() && child.father.empty()) continue;
    int members = 0;
    for (const std::string& id : {child.mother, child.father, child.iid}) {
      members += rows.known.contains(KeyOf(id, by_pregnancy ? child.pregnancy : "")) ? 1 : 0;
    }
    together += members > 1 ? 1 : 0;
  }
  return together;
}

/// The column of texts that has ids of this role in most of the rows; "" = none.
std::string ColumnWith(Role role, const std::vector<size_t>& rows, const PhenotypeTable& table,
                       const Pedigree& pedigree) {
  for (size_t c = 0; c < table.columns.columns(); ++c) {
    const auto* texts = std::get_if<Table::Strings>(&table.columns.column(c));
    if (texts == nullptr) continue;
    const auto found = std::count_if(rows.begin(), rows.end(), [&](size_t row) {
      return RoleOf(pedigree, (*texts)[row]) == role;
    });
    if (2 * static_cast<size_t>(found) > rows.size()) return table.columns.name(c);
  }
  return "";
}

}  // namespace

std::string MixedMembers(const PhenotypeTable& table, const std::string& column,
                         const Pedigree& pedigree) {
  const RowsByRole by_role = SortRows(table, pedigree);
  const auto first = by_role.keys.begin() + 1;  // behind those who are no member
  const auto main =
      static_cast<size_t>(std::max_element(first, by_role.keys.end()) - by_role.keys.begin());
  const uint64_t together = CountTogether(by_role, !table.pregnancies.empty(), pedigree);
  std::string text;
  for (size_t role = 1; role < kMany.size(); ++role) {
    const auto& rows = by_role.rows[role];
    if (role == main || rows.empty() || 2 * together >= by_role.keys[role]) continue;
    text += fmt::format(
        "{}{} rows of {} (the first: row {}) hold people who are {} in the "
        "pedigree, {} rows hold {}",
        text.empty() ? "" : "; ", rows.size(), column, rows.front() + 1, kMany[role],
        by_role.rows[main].size(), kMany[main]);
    const std::string other = ColumnWith(static_cast<Role>(main), rows, table, pedigree);
    if (!other.empty()) text += fmt::format(", and {} has {} where those are", other, kMany[main]);
  }
  return text;
}

}  // namespace kinflow
