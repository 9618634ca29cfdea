#include "stages/kinship/outdated_decisions.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>

namespace kinflow::kinship {
namespace {

/// Who of a row is nobody of this release, though a run wrote the id.
class Absent {
 public:
  Absent(const SampleTable& samples, const std::vector<Person>& people)
      : known_(samples.iids().begin(), samples.iids().end()) {
    for (const Person& person : people) known_.insert({person.iid, person.father, person.mother});
  }

  bool Is(const DecidedRow& row, const std::string& iid) const {
    return !iid.empty() && !known_.contains(iid) && IsByRun(row, iid);
  }

  /// True if nothing of the row can be done.
  bool Ends(const DecidedRow& row) const {
    const bool person = Is(row, row.decision.person);
    switch (row.decision.action) {
      case Action::kExchange:
        return person && Is(row, row.decision.value);
      case Action::kKeep:
      case Action::kCheck:
        return person || Is(row, row.about.iid_1) || Is(row, row.about.iid_2);
      default:
        return person;
    }
  }

 private:
  static bool IsByRun(const DecidedRow& row, const std::string& iid) {
    if (row.origin == Origin::kProposed) return true;
    for (const char* column : {"IID1", "IID2", "PAIR_IID1", "PAIR_IID2"}) {
      const auto cell = row.cells.find(column);
      if (cell != row.cells.end() && cell->second == iid) return true;
    }
    return false;
  }

  std::set<std::string> known_;
};

}  // namespace

size_t SetAsideAbsent(const SampleTable& samples, const std::vector<Person>& people,
                      DecisionsFile& file) {
  const Absent absent(samples, people);
  const auto at =
      std::stable_partition(file.rows.begin(), file.rows.end(),
                            [&absent](const DecidedRow& row) { return !absent.Ends(row); });
  auto n = static_cast<size_t>(std::distance(at, file.rows.end()));
  file.absent.insert(file.absent.end(), std::move_iterator(at),
                     std::move_iterator(file.rows.end()));
  file.rows.erase(at, file.rows.end());
  for (DecidedRow& row : file.rows) {
    const Action action = row.decision.action;
    if (action != Action::kSetFather && action != Action::kSetMother) continue;
    if (!absent.Is(row, row.decision.value)) continue;
    row.decision.value.clear();
    ++n;
  }
  return n;
}

void MarkNeedless(const SampleTable& samples, const std::vector<Person>& people,
                  DecisionsFile& file) {
  std::unordered_map<std::string, const Person*> declared;
  for (const Person& person : people) declared.emplace(person.iid, &person);
  for (DecidedRow& row : file.rows) {
    const Decision& d = row.decision;
    const auto at = declared.find(d.person);
    const Person person = at == declared.end() ? Person() : *at->second;
    const uint32_t sample = samples.Find(d.person);
    Sex sex = person.sex;
    if (sex == Sex::kUnknown && sample != SampleTable::kAbsent) sex = samples.sex(sample);
    const char* word = sex == Sex::kMale ? "male" : sex == Sex::kFemale ? "female" : "unknown";
    row.needless = (d.action == Action::kRemove && sample == SampleTable::kAbsent) ||
                   (d.action == Action::kSetFather && person.father == d.value) ||
                   (d.action == Action::kSetMother && person.mother == d.value) ||
                   (d.action == Action::kSetSex && d.value == word);
  }
}

}  // namespace kinflow::kinship
