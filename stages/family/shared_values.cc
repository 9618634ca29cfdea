#include "stages/family/shared_values.h"

#include <algorithm>
#include <unordered_map>

#include "stages/family/trio_rows.h"

namespace kinflow::family {

std::string SharedValues::Of(const AnalysisOptions& options) {
  try {
    std::vector<std::string> names = MakeModel(options.model)->PathOutcomes(options.model_options);
    if (names.empty()) {
      for (const auto& one : ByOutcome(options)) names.push_back(FormulaOf(one).response);
    }
    for (const std::string& name : names) {
      const ColumnSource source =
          ResolveColumn(name, options.outcome_of, persons_.columns, options.scores);
      if (source.kind == ColumnSource::kPerson && HasShared(options, source)) return source.member;
    }
  } catch (const Error&) {
    return "";
  }
  return "";
}

bool SharedValues::HasShared(const AnalysisOptions& options, const ColumnSource& outcome) {
  if (outcome.member == "child" || persons_.by_pregnancy.contains(outcome.name)) return false;
  const auto column = static_cast<size_t>(persons_.columns.Find(outcome.name));
  const auto& rows =
      Parents(outcome.member, options.children, persons_.by_wave.contains(outcome.name));
  return std::any_of(rows.begin(), rows.end(), [&](int64_t row) {
    return persons_.columns.Cell(static_cast<size_t>(row), column) != "NA";
  });
}

const std::vector<int64_t>& SharedValues::Parents(const std::string& member, ChildRule children,
                                                  bool by_wave) {
  const auto [known, added] = parents_.try_emplace({member, children, by_wave});
  if (!added) return known->second;
  const TrioRows rows(cohort_, persons_, {member, children, by_wave});
  const SharedVector<int64_t> person_rows = rows.PersonRows(member, by_wave);
  std::unordered_map<std::string, std::string> pregnancies;  // of each parent the first
  for (size_t row = 0; row < person_rows.size(); ++row) {
    if (person_rows[row] < 0) continue;
    const std::string pregnancy = rows.PregnancyOf(row);
    const auto first = pregnancies.try_emplace(rows.Iid(row, member), pregnancy).first;
    if (first->second != pregnancy) known->second.push_back(person_rows[row]);
  }
  return known->second;
}

}  // namespace kinflow::family
