#include "stages/family/negative_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kinflow::family {
namespace {

constexpr const char* kAll = "all";

}  // namespace

Table WithNegativeControl(const Table& estimates, const std::vector<std::string>& waves,
                          std::vector<std::string>& warnings) {
  const auto& role = estimates.StringsOf("role");
  const auto& wave = estimates.StringsOf("wave");
  const auto named = [&waves](const std::string& name) {
    return std::find(waves.begin(), waves.end(), name) != waves.end();
  };
  const bool all = named(kAll);
  Table::Strings flags;
  for (size_t r = 0; r < estimates.rows(); ++r) {
    const bool known = role[r] == "child" && !waves.empty();
    flags.emplace_back(!known ? "NA" : all || named(wave[r]) ? "yes" : "no");
  }
  const std::set<std::string> known(wave.begin(), wave.end());
  for (const auto& name : waves) {
    if (all || known.count(name) > 0) continue;
    warnings.push_back(fmt::format("negative_control: no model is of the wave {}", name));
  }
  Table out = estimates;
  out.Add("negative_control", std::move(flags));
  return out;
}

std::vector<Error> CheckNegativeControl(const std::vector<std::string>& waves,
                                        const std::string& model, const std::string& outcome_of) {
  std::vector<Error> errors;
  const auto refuse = [&errors](const char* what, const std::string& value, const char* remedy) {
    errors.push_back(Error(ErrorId::kConfigReference, what)
                         .Field("negative_control")
                         .Value(value)
                         .Remedy(remedy));
  };
  if (waves.empty()) return errors;
  if (outcome_of == "child") {
    refuse("the outcome is the child's own: its score is no negative control", outcome_of,
           "take the key out");
  }
  for (const auto& wave : waves) {
    if (wave == kAll || model == "ols_by_wave") continue;
    refuse("waves are told apart by model ols_by_wave only", wave,
           "write [all] if the outcome was measured in pregnancy, or use model ols_by_wave");
  }
  return errors;
}

}  // namespace kinflow::family
