#include "stages/family/owner_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace kinflow::family {
namespace {

constexpr std::array<const char*, 3> kMembers{"mother", "father", "child"};
constexpr std::array<const char*, 3> kMany{"mothers", "fathers", "children"};

size_t IndexOf(const std::string& member) {
  return static_cast<size_t>(std::find(kMembers.begin(), kMembers.end(), member) -
                             kMembers.begin());
}

bool HasValue(const Table::Column& column, size_t row) {
  if (const auto* texts = std::get_if<Table::Strings>(&column)) return (*texts)[row] != "NA";
  if (const auto* ints = std::get_if<Table::Ints>(&column)) {
    return (*ints)[row] != Table::kMissingInt;
  }
  return !std::isnan(std::get<Table::Doubles>(column)[row]);
}

/// As text, of numbers the whole ones; "" = no id.
std::string IdIn(const Table::Column& column, size_t row) {
  if (const auto* texts = std::get_if<Table::Strings>(&column)) {
    return (*texts)[row] == "NA" ? "" : (*texts)[row];
  }
  if (!HasValue(column, row)) return "";
  if (const auto* ints = std::get_if<Table::Ints>(&column)) return fmt::format("{}", (*ints)[row]);
  return fmt::format("{:.15g}", std::get<Table::Doubles>(column)[row]);
}

std::string TextOf(uint8_t members) {
  std::string text;
  for (size_t m = 0; m < kMany.size(); ++m) {
    if ((members >> m & 1) != 0) text += (text.empty() ? "" : " and ") + std::string(kMany[m]);
  }
  return text;
}

}  // namespace

ColumnOwners::ColumnOwners(const Cohort& cohort, const PersonColumns& persons) : persons_(persons) {
  for (const Trio& trio : cohort.trios) {
    const Person& child = cohort.pedigree.people()[trio.person];
    const std::array<const std::string*, 3> ids{&child.mother, &child.father, &child.iid};
    for (size_t m = 0; m < ids.size(); ++m) {
      if (ids[m]->empty()) continue;
      uint8_t& bits = by_id_[*ids[m]];
      bits = static_cast<uint8_t>(bits | 1U << m);
    }
  }
  for (const std::string& iid : persons.iid) {
    const auto found = by_id_.find(iid);
    members_.push_back(found == by_id_.end() ? uint8_t{0} : found->second);
  }
}

uint8_t ColumnOwners::Of(const std::string& column) {
  const auto known = known_.find(column);
  if (known != known_.end()) return known->second;
  uint8_t members = 0;
  const auto& values = persons_.columns.column(static_cast<size_t>(persons_.columns.Find(column)));
  for (size_t row = 0; row < members_.size(); ++row) {
    if ((members_[row] & ~members) != 0 && HasValue(values, row)) {
      members = static_cast<uint8_t>(members | members_[row]);
    }
  }
  known_[column] = members;
  return members;
}

std::string ColumnOwners::IdColumnOf(size_t member) const {
  // Small numbers may be ids as well as values: ids of people differ, but for a few rows of each.
  constexpr size_t kMostRowsEach = 20;
  for (size_t c = 0; c < persons_.columns.columns(); ++c) {
    size_t values = 0, ids = 0;
    std::set<std::string> distinct;
    for (size_t row = 0; row < members_.size(); ++row) {
      const std::string id = IdIn(persons_.columns.column(c), row);
      if (id.empty()) continue;
      ++values;
      const auto found = by_id_.find(id);
      if (found == by_id_.end() || (found->second >> member & 1) == 0) continue;
      ++ids;
      distinct.insert(id);
    }
    if (2 * ids > values && distinct.size() * kMostRowsEach >= ids) {
      return persons_.columns.name(c);
    }
  }
  return "";
}

std::vector<Error> ColumnOwners::Check(const AnalysisOptions& options,
                                       const std::vector<std::string>& scores) {
  std::vector<Error> errors;
  const Formula formula = FormulaOf(options);
  const auto groups = formula.GroupColumns();
  for (const auto& name : formula.Columns()) {
    if (std::find(groups.begin(), groups.end(), name) != groups.end()) continue;
    const auto source = ResolveColumn(name, options.outcome_of, persons_.columns, scores);
    if (source.kind != ColumnSource::kPerson) continue;
    const uint8_t members = Of(source.name);
    const size_t wanted = IndexOf(source.member);
    if (members == 0 || wanted >= kMembers.size() || (members >> wanted & 1) != 0) continue;
    const bool outcome = name == formula.response;
    const std::string own = kMembers[members >= 4 ? 2 : members >= 2 ? 1 : 0];
    const std::string ids = IdColumnOf(wanted);
    const std::string with_ids =
        ids.empty() ? "name in phenotypes[].id the column of the " + source.member + "'s id"
                    : fmt::format(
                          "name in phenotypes[].id the column {}, which holds ids of {} "
                          "(if it was exchanged with the one named there, rename both)",
                          ids, kMany[wanted]);
    const std::string of_others = outcome ? fmt::format("write outcome: {{of: {}}}", own)
                                          : fmt::format("write {}.{}", source.name, own);
    errors.push_back(
        Error(ErrorId::kAllMissing, fmt::format("no {} has a value of this column, {} have",
                                                source.member, TextOf(members)))
            .Field(fmt::format("analyses.{}.{}", options.id,
                               outcome                   ? "outcome"
                               : options.formula.empty() ? "covariates"
                                                         : "formula"))
            .Value(name)
            // Ids of those asked for in another column: that one is most likely meant.
            .Remedy(ids.empty() ? of_others + ", or " + with_ids : with_ids + ", or " + of_others));
  }
  return errors;
}

}  // namespace kinflow::family
