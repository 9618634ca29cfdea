#include "pipeline/app/phenotype_ids.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <unordered_set>
#include <vector>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

/// An id that the table holds, perhaps as a number; "" = none.
std::string IdOf(const Table::Column& column, size_t row) {
  constexpr double kExact = 1e15;  // whole numbers up to here have one text
  if (const auto* texts = std::get_if<Table::Strings>(&column)) return (*texts)[row];
  const auto* numbers = std::get_if<Table::Doubles>(&column);
  if (numbers == nullptr) return "";
  const double value = (*numbers)[row];
  const bool whole = std::abs(value) < kExact && std::floor(value) == value;
  return whole ? fmt::format("{:.0f}", value) : "";
}

/// "mothers" if most of a column are ids of people, and most of these of mothers; "" = no ids.
std::string PeopleOf(const Table::Column& column, size_t rows, const SampleTable& people,
                     const Pedigree& pedigree) {
  constexpr std::array<const char*, 4> kMany{"people", "mothers", "fathers", "children"};
  std::array<size_t, 4> by_role{};
  size_t found = 0;
  for (size_t row = 0; row < rows; ++row) {
    const std::string id = IdOf(column, row);
    if (id.empty() || people.Find(id) == SampleTable::kAbsent) continue;
    ++found;
    const int64_t person = pedigree.Find(id);
    const Role role = person < 0 ? Role::kOther : pedigree.role(static_cast<size_t>(person));
    ++by_role[static_cast<size_t>(role)];
  }
  if (2 * found <= rows) return "";
  return kMany[static_cast<size_t>(std::max_element(by_role.begin(), by_role.end()) -
                                   by_role.begin())];
}

/// "m_id (mothers), f_id (fathers)".
std::string IdColumns(const PhenotypeTable& table, const SampleTable& people,
                      const Pedigree& pedigree) {
  std::vector<std::string> columns;
  for (size_t c = 0; c < table.columns.columns(); ++c) {
    const std::string whose = PeopleOf(table.columns.column(c), table.ids.size(), people, pedigree);
    if (!whose.empty()) columns.push_back(fmt::format("{} ({})", table.columns.name(c), whose));
  }
  return fmt::format("{}", fmt::join(columns, ", "));
}

bool ArePregnancies(const std::vector<std::string>& ids, const Pedigree& pedigree) {
  std::unordered_set<std::string> known;
  for (const Person& person : pedigree.people()) {
    if (!person.pregnancy.empty()) known.insert(person.pregnancy);
  }
  const auto found =
      std::count_if(ids.begin(), ids.end(), [&](const auto& id) { return known.contains(id); });
  return 2 * static_cast<size_t>(found) > ids.size();
}

}  // namespace

JoinReport JoinPhenotypeIds(const PhenotypeTable& table, const PhenotypeOptions& options,
                            const SampleTable& people, const Cohort& cohort) {
  if (table.ids.empty()) {
    throw Error(ErrorId::kMalformed, "the table has no row below its header")
        .InFile(options.file)
        .Remedy("check that this is the right file, and that all of it was copied");
  }
  try {
    return JoinIds(table.ids, people, options.file, options.id_form, cohort.samples->size());
  } catch (Error& error) {
    if (error.id() != ErrorId::kNoCommonSamples) throw;
    const std::string columns = IdColumns(table, people, cohort.pedigree);
    if (ArePregnancies(table.ids, cohort.pedigree)) {
      error.Remedy(fmt::format(
          "{} holds ids of pregnancies: set phenotypes[].pregnancy to it, and phenotypes[].id to "
          "the column of the person whose outcome it is{}",
          options.id, columns.empty() ? "" : ": " + columns));
    } else if (!columns.empty()) {
      error.Remedy(fmt::format("{}; other columns with ids of people of the study: {}",
                               error.remedy(), columns));
    }
    throw;
  }
}

}  // namespace kinflow
