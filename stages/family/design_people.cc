#include "stages/family/design_people.h"

#include <algorithm>
#include <optional>

#include "stages/family/people.h"

namespace kinflow::family {
namespace {

/// A variable that puts rows into groups. Of a column of two values 0 is the reference.
struct Grouping {
  std::vector<uint32_t> code;  // of each row
  uint32_t levels = 0;
  bool has_reference = true;  // as level 0
};
using Groupings = std::map<uint32_t, Grouping>;  // by variable

std::optional<Grouping> GroupingOf(const DesignVariable& variable) {
  if (variable.factor) {
    if (variable.levels.size() < 2) return std::nullopt;
    return Grouping{variable.codes, static_cast<uint32_t>(variable.levels.size()), true};
  }
  const auto& x = variable.values;
  if (x.empty()) return std::nullopt;
  const auto second = std::find_if(x.begin(), x.end(), [&](double v) { return v != x[0]; });
  if (second == x.end()) return std::nullopt;
  const double first = *second == 0 ? 0 : x[0], other = *second == 0 ? x[0] : *second;
  Grouping out;
  out.levels = 2;
  out.has_reference = first == 0;
  for (const double v : x) {
    if (v != first && v != other) return std::nullopt;
    out.code.push_back(v == first ? 0 : 1);
  }
  return out;
}

/// The groups of one term and how many people each has.
struct TermGroups {
  const FormulaTerm* term = nullptr;
  const std::vector<bool>* full = nullptr;
  std::vector<uint32_t> variables;  // those that group
  std::vector<int64_t> people;      // by cell, the first variable's level fastest
};

TermGroups GroupsOf(const FormulaTerm& term, const std::vector<bool>& full,
                    const Groupings& groupings, const People& people, size_t n) {
  TermGroups out{&term, &full, {}, {}};
  std::vector<uint32_t> cell(n, 0);
  uint32_t cells = 1;
  for (const uint32_t v : term.variables) {
    const auto grouping = groupings.find(v);
    if (grouping == groupings.end()) continue;
    for (size_t i = 0; i < n; ++i) cell[i] += cells * grouping->second.code[i];
    cells *= grouping->second.levels;
    out.variables.push_back(v);
  }
  if (!out.variables.empty()) out.people = people.ByCell(cell, cells);
  return out;
}

size_t PlaceOf(const FormulaTerm& term, uint32_t variable) {
  return static_cast<size_t>(std::find(term.variables.begin(), term.variables.end(), variable) -
                             term.variables.begin());
}
bool Has(const FormulaTerm& term, uint32_t variable) {
  return PlaceOf(term, variable) < term.variables.size();
}

/// One column of a design: its term, with `full` as of FactorCoding.
struct ColumnOfTerm {
  FormulaTerm term;
  std::vector<bool> full;
  std::vector<uint32_t> levels;
};

/// Levels of the groups of `of` that the coefficient tells of, for each of its variables; none if
/// it tells of none.
std::vector<std::vector<uint32_t>> LevelsTold(const ColumnOfTerm& column, const TermGroups& of,
                                              const Groupings& groupings) {
  for (size_t i = 0; i < column.term.variables.size(); ++i) {
    if (!column.full[i] && !Has(*of.term, column.term.variables[i])) return {};
  }
  for (const uint32_t v : of.term->variables) {  // a slope is no part of a coefficient without it
    if (groupings.count(v) == 0 && !Has(column.term, v)) return {};
  }
  std::vector<std::vector<uint32_t>> out;
  for (const uint32_t v : of.variables) {
    const Grouping& grouping = groupings.at(v);
    const size_t at = PlaceOf(column.term, v);
    if (at == column.term.variables.size()) {
      if (!grouping.has_reference || (*of.full)[PlaceOf(*of.term, v)]) return {};
      out.push_back({0});
    } else if (column.full[at]) {
      out.push_back({column.levels[at]});
    } else {
      const uint32_t level = column.levels[at];
      out.push_back({0, level == 0 ? 1 : level});  // 0: a column of two values
    }
  }
  return out;
}

int64_t FewestIn(const TermGroups& groups, const std::vector<std::vector<uint32_t>>& levels,
                 const Groupings& groupings) {
  std::vector<size_t> cells{0};
  size_t stride = 1;
  for (size_t i = 0; i < levels.size(); ++i) {
    std::vector<size_t> next;
    for (const size_t cell : cells) {
      for (const uint32_t level : levels[i]) next.push_back(cell + stride * level);
    }
    cells = std::move(next);
    stride *= groupings.at(groups.variables[i]).levels;
  }
  std::vector<int64_t> people;
  for (const size_t cell : cells) people.push_back(groups.people[cell]);
  return FewestOf(people);
}

}  // namespace

void CountPeople(const Formula& formula, const ModelFrame& frame, const std::vector<uint32_t>& rows,
                 const DesignVariables& variables, const FactorCoding& full, Design& design) {
  Groupings groupings;
  for (const auto& [v, variable] : variables) {
    if (auto grouping = GroupingOf(variable)) groupings.emplace(v, *std::move(grouping));
  }
  if (groupings.empty()) return;
  const auto known = PeopleOfRows(frame, formula, rows);
  const People& people = *known;
  std::vector<TermGroups> terms;
  for (size_t t = 0; t < formula.terms.size(); ++t) {
    TermGroups groups = GroupsOf(formula.terms[t], full[t], groupings, people, design.n);
    if (!groups.variables.empty()) terms.push_back(std::move(groups));
  }
  for (DesignColumn& column : design.columns) {
    ColumnOfTerm of{{}, {}, column.levels};
    if (column.term != DesignColumn::kIntercept) {
      of.term = formula.terms[column.term];
      of.full = full[column.term];
    }
    std::vector<int64_t> fewest;
    for (const TermGroups& groups : terms) {
      const auto levels = LevelsTold(of, groups, groupings);
      if (!levels.empty()) fewest.push_back(FewestIn(groups, levels, groupings));
    }
    column.people = FewestOf(fewest);
  }
}

}  // namespace kinflow::family
