#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kinflow::kinship {

/// What is done about a person, a sample or a declared relation.
enum class Action : uint8_t {
  kRemove,     // the sample is not used
  kExchange,   // two samples carry each other's ids
  kSetFather,  // the pedigree is corrected
  kSetMother,
  kSetSex,
  kKeep,   // nothing changes; the conflict is settled and not proposed again
  kCheck,  // not decided
};

/// A row of a decisions file, as proposed by a run or given back by a person.
struct Decision {
  Action action = Action::kCheck;
  std::string person;
  /// Exchange, keep, check: the other person; set_father, set_mother: the parent, "" = unknown;
  /// set_sex: "male", "female" or "unknown"; remove: "".
  std::string value;

  bool operator==(const Decision&) const = default;
};

const char* ActionName(Action action);  // "remove", "set_father", ...
std::optional<Action> ActionOf(std::string_view name);
/// All names, for messages.
std::string ActionNames();
/// "set the father of C1 to F2": what a run proposed, in words. Holds ids.
std::string Describe(const Decision& decision);

}  // namespace kinflow::kinship
