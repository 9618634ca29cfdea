#include "stages/family/score_keys_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "stages/family/steps.h"

namespace kinflow::family {
namespace {

constexpr const char* kNameThem =
    "a score is named with its member, in the table and the formula: pgs.mother, pgs.father, "
    "pgs.child";
constexpr const char* kFamilyTerms = "family_terms";

}  // namespace

std::vector<Error> CheckScoreKeys(const ScoreKeys& keys, const Formula& formula,
                                  const ModelFrame& roles) {
  bool member = false, child = false;
  for (const auto& variable : formula.variables) {
    const std::string role = roles.InfoOf(variable.column).role;
    member = member || IsMemberRole(role);
    child = child || role == "child";
  }
  std::vector<Error> errors;
  const auto refuse = [&errors](const std::string& key, const char* what,
                                const std::string& remedy) {
    errors.push_back(Error(ErrorId::kConfigReference, what).Field(key).Remedy(remedy));
  };
  if (keys.attenuation && !member) {
    refuse("attenuation", "no term is named like pgs.mother: there is no score to correct",
           kNameThem);
  }
  for (const auto& [key, value] : keys.families) {
    if (!keys.family_terms.empty() || member) break;
    refuse(key, "no term is named like pgs.mother: families of tests would be empty",
           fmt::format("{}; or name the terms that count as tests: family_terms=[a, b]; or take {} "
                       "out",
                       kNameThem, key));
    errors.back().Value(value);
  }
  if (std::any_of(keys.at.begin(), keys.at.end(), [](double sd) { return sd != 0; }) && !member) {
    refuse("trajectories.at",
           "no term is named like pgs.mother: there is no score to take so many SDs from its mean",
           std::string(kNameThem) + "; or write at: [0], for predictions at the mean of all");
  }
  if (keys.negative_control && !child) {
    refuse("negative_control", "no term is named like pgs.child: there is no effect of the child",
           kNameThem);
  }
  return errors;
}

std::vector<std::string> FamilyTerms(const std::vector<std::string>& terms,
                                     const Formula& formula) {
  std::vector<std::string> labels;
  for (const auto& term : terms) {
    try {
      for (const size_t t : FindTerms(formula, term)) {
        labels.push_back(formula.TermLabel(formula.terms[t]));
      }
    } catch (const Error& error) {
      if (error.id() != ErrorId::kConfigReference) throw;
      throw Error(error.id(), "a family of tests names a term that the formula lacks")
          .Field(kFamilyTerms)
          .Value(term)
          .Remedy(error.Advice().starts_with("did you mean") ? error.Advice()
                                                             : "name terms of the formula");
    }
  }
  return labels;
}

}  // namespace kinflow::family
