#include "stages/formats/pregnancy_join.h"

#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "pipeline/data/pregnancy_members.h"

namespace kinflow {
namespace {

/// The pedigree's pregnancies by person and number within the mother.
class NumberedPregnancies {
 public:
  explicit NumberedPregnancies(const Pedigree& pedigree) {
    for (const Person& child : pedigree.people()) {
      const std::string prefix = child.mother + ":";
      // A decision that changes the mother leaves the pregnancy as the file has it.
      if (child.mother.empty() || !child.pregnancy.starts_with(prefix)) continue;
      const std::string number = child.pregnancy.substr(prefix.size());
      for (const std::string& person : {child.mother, child.iid, child.father}) {
        if (!person.empty()) ids_[person + '\n' + number].insert(child.pregnancy);
      }
    }
  }
  /// "" = none, or of two mothers.
  std::string Find(const std::string& person, const std::string& number) const {
    const auto found = ids_.find(person + '\n' + number);
    return found == ids_.end() || found->second.size() != 1 ? "" : *found->second.begin();
  }

 private:
  std::unordered_map<std::string, std::set<std::string>> ids_;
};

}  // namespace

PregnancyJoin JoinPregnancies(const Pedigree& pedigree, bool per_mother, PhenotypeTable& table) {
  PregnancyJoin join;
  if (per_mother) {
    const NumberedPregnancies numbered(pedigree);
    for (size_t row = 0; row < table.pregnancies.size(); ++row) {
      std::string& pregnancy = table.pregnancies[row];
      if (std::string id = numbered.Find(table.ids[row], pregnancy); !id.empty()) pregnancy = id;
    }
  }
  const PregnancyMembers members(pedigree);
  std::unordered_map<std::string_view, bool> known;  // by person: in any row
  for (size_t row = 0; row < table.pregnancies.size(); ++row) {
    const std::string& pregnancy = table.pregnancies[row];
    if (pregnancy.empty() || pedigree.Find(table.ids[row]) < 0) continue;
    ++join.rows;
    join.found += members.Knows(pregnancy) ? 1 : 0;
    if (members.HasAny(table.ids[row])) known[table.ids[row]] |= members.Knows(pregnancy);
    if (!members.Contradicts(table.ids[row], pregnancy)) continue;
    if (join.of_others++ == 0) join.first_of_others = row + 1;
  }
  join.people = known.size();
  for (const auto& person : known) join.unknown_only += person.second ? 0 : 1;
  return join;
}

}  // namespace kinflow
