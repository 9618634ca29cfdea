#include "stages/family/trio_frame.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/base/text.h"
#include "stages/family/reshape.h"
#include "stages/family/steps.h"

namespace kinflow::family {
namespace {

/// `scl_w1`, `scl_w2` of `scl`; the first few.
std::vector<std::string> ColumnsAtWaves(const std::string& name, const Table& columns) {
  constexpr size_t kShown = 4;
  std::vector<std::string> found;
  for (size_t c = 0; c < columns.columns() && found.size() < kShown; ++c) {
    if (IsAtWave(columns.name(c), name)) found.push_back(columns.name(c));
  }
  return found;
}

}  // namespace

bool IsAllelesRole(std::string_view role) {
  return role == "t_mother" || role == "nt_mother" || role == "t_father" || role == "nt_father";
}

ColumnSource ResolveColumn(const std::string& name, const std::string& outcome_of,
                           const Table& person_columns, const std::vector<std::string>& scores) {
  const size_t dot = name.rfind('.');
  const std::string base = dot == std::string::npos ? "" : name.substr(0, dot);
  const std::string member = dot == std::string::npos ? "" : name.substr(dot + 1);
  const bool of_member = IsMemberRole(member), of_alleles = IsAllelesRole(member);
  if ((of_member || of_alleles) && base == "pgs") return {ColumnSource::kScore, "", member};
  const bool is_column = person_columns.Find(name) >= 0;
  const bool is_score =
      (of_member || of_alleles) && std::find(scores.begin(), scores.end(), base) != scores.end();
  const bool is_member_column = of_member && person_columns.Find(base) >= 0;
  if (is_column + is_score + is_member_column > 1) {
    throw Error(ErrorId::kConfigReference, "a name fits a score and a phenotype column alike")
        .Field("formula")
        .Value(name)
        .Remedy("rename the column");
  }
  if (is_column) return {ColumnSource::kPerson, name, outcome_of};
  if (is_score) return {ColumnSource::kScore, base, member};
  if (is_member_column) return {ColumnSource::kPerson, base, member};
  if (const auto at_waves =
          ColumnsAtWaves(base.empty() || !of_member ? name : base, person_columns);
      at_waves.size() > 1) {
    throw Error(ErrorId::kConfigReference, "the model names a column that does not exist")
        .Field("formula")
        .Value(name)
        .Remedy(fmt::format("the table has a column a wave: {}; name them each (outcome: "
                            "{{variable: [{}]}}), or for a model over waves make the table long, a "
                            "row for each wave: phenotypes: [{{..., layout: long, wave: COLUMN}}]",
                            fmt::join(at_waves, ", "), fmt::join(at_waves, ", ")));
  }
  std::vector<std::string> known{"pgs.mother", "pgs.father", "pgs.child"};
  for (size_t c = 0; c < person_columns.columns(); ++c) {
    known.push_back(person_columns.name(c));
    if (of_member) known.push_back(person_columns.name(c) + "." + member);
  }
  for (const auto& score : scores) known.push_back(score + "." + (of_member ? member : "mother"));
  const std::string near = NearestWord(name, known);
  throw Error(ErrorId::kConfigReference, "the model names a column that does not exist")
      .Field("formula")
      .Value(name)
      .Remedy(near.empty() ? "use a phenotype column, <column>.<member>, pgs.<member> or "
                             "<score>.<member>"
                           : "did you mean " + near + "?");
}

ColumnSource ResolveGroup(const std::string& name, const std::string& outcome_of,
                          const PersonColumns& persons, const std::vector<std::string>& scores) {
  if (persons.columns.Find(name) < 0) {
    if (IsMemberRole(name)) return {ColumnSource::kGroup, name, name};
    if (name == "family" || name == "pregnancy") return {ColumnSource::kGroup, name, "child"};
    if (persons.id_columns.count(name) != 0) return {ColumnSource::kGroup, name, outcome_of};
  }
  try {
    return ResolveColumn(name, outcome_of, persons.columns, scores);
  } catch (Error& error) {
    std::vector<std::string> groups{"mother", "father", "child", "family", "pregnancy"};
    groups.insert(groups.end(), persons.id_columns.begin(), persons.id_columns.end());
    const std::string near = NearestWord(name, groups);
    if (!near.empty() && !error.remedy().starts_with("did you mean")) {
      error.Remedy("did you mean " + near + "?");
    }
    throw;
  }
}

}  // namespace kinflow::family
