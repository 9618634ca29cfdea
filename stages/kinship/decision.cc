#include "stages/kinship/decision.h"

#include <fmt/format.h>

#include <array>

namespace kinflow::kinship {
namespace {

constexpr std::array<const char*, 7> kNames = {"remove",  "exchange", "set_father", "set_mother",
                                               "set_sex", "keep",     "check"};

}  // namespace

const char* ActionName(Action action) { return kNames[static_cast<size_t>(action)]; }

std::optional<Action> ActionOf(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<Action>(i);
  }
  return std::nullopt;
}

std::string ActionNames() {
  std::string names;
  for (const char* name : kNames) names += (names.empty() ? "" : ", ") + std::string(name);
  return names;
}

std::string Describe(const Decision& d) {
  const std::string value = d.value.empty() ? "unknown" : d.value;
  const std::string both = d.value.empty() ? d.person : d.person + " and " + d.value;
  switch (d.action) {
    case Action::kRemove:
      return "remove " + d.person;
    case Action::kExchange:
      return "exchange " + both;
    case Action::kSetFather:
      return fmt::format("set the father of {} to {}", d.person, value);
    case Action::kSetMother:
      return fmt::format("set the mother of {} to {}", d.person, value);
    case Action::kSetSex:
      return fmt::format("set the sex of {} to {}", d.person, value);
    case Action::kKeep:
      return "keep " + both;
    case Action::kCheck:
      return "check " + both;
  }
  return "check " + both;
}

}  // namespace kinflow::kinship
