#include "stages/family/negative_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kinflow::family {
namespace {

constexpr const char* kAll = "all";

}  // namespace

Table WithNegativeControl(const Table& estimates, const std::vector<std::string>& names,
                          std::vector<std::string>& warnings) {
  const auto& role = estimates.StringsOf("role");
  const auto& wave = estimates.StringsOf("wave");
  const auto& outcome = estimates.StringsOf("outcome");
  const auto named = [&names](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const bool all = named(kAll);
  Table::Strings flags;
  for (size_t r = 0; r < estimates.rows(); ++r) {
    const bool known = role[r] == "child" && !names.empty();
    const bool before = all || named(wave[r]) || named(outcome[r]);
    flags.emplace_back(!known ? "NA" : before ? "yes" : "no");
  }
  std::set<std::string> known(wave.begin(), wave.end());
  known.insert(outcome.begin(), outcome.end());
  for (const auto& name : names) {
    if (all || known.count(name) > 0) continue;
    warnings.push_back(fmt::format("negative_control: no model is of the wave {}", name));
  }
  Table out = estimates;
  out.Add("negative_control", std::move(flags));
  return out;
}

std::vector<std::string> NegativeControls(std::vector<std::string> names, const Formula& formula) {
  std::replace(names.begin(), names.end(), formula.response, formula.Outcome());
  return names;
}

std::vector<Error> CheckNegativeControl(const std::vector<std::string>& names,
                                        const std::string& model, const std::string& outcome_of,
                                        const std::vector<std::string>& outcomes) {
  std::vector<Error> errors;
  const auto refuse = [&errors](const char* what, const std::string& value, const char* remedy) {
    errors.push_back(Error(ErrorId::kConfigReference, what)
                         .Field("negative_control")
                         .Value(value)
                         .Remedy(remedy));
  };
  if (names.empty()) return errors;
  if (outcome_of == "child") {
    refuse("the outcome is the child's own: its score is no negative control", outcome_of,
           "take the key out");
  }
  for (const auto& name : names) {
    if (name == kAll) {
      if (outcomes.size() < 2) continue;
      refuse("not all outcomes of an analysis need be measured in pregnancy", name,
             "name those that were: negative_control: [OUTCOME, ...]");
      continue;
    }
    const bool is_outcome = std::find(outcomes.begin(), outcomes.end(), name) != outcomes.end();
    if (is_outcome || model == "ols_by_wave") continue;
    refuse("no outcome has this name, and waves are told apart by model ols_by_wave only", name,
           "name outcomes that were measured in pregnancy, write [all] if the only one was, or use "
           "model ols_by_wave");
  }
  return errors;
}

}  // namespace kinflow::family
