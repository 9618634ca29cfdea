#include "stages/scores/families/family_units.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace kinflow {
namespace {

FamilyKind KindOf(const ScoreFamily& family) {
  const bool mother = family.mother != SampleTable::kAbsent;
  const bool father = family.father != SampleTable::kAbsent;
  return mother && father ? FamilyKind::kTrio
         : mother         ? FamilyKind::kMotherChild
         : father         ? FamilyKind::kFatherChild
                          : FamilyKind::kSiblings;
}

}  // namespace

const char* FamilyKindName(FamilyKind kind) {
  constexpr const char* kNames[] = {"trio", "mother_child", "father_child", "siblings"};
  return kNames[static_cast<size_t>(kind)];
}

std::vector<ScoreFamily> ScoreFamilies(const Cohort& cohort, const std::vector<uint8_t>& kept,
                                       bool incomplete) {
  const auto genotyped = [&](uint32_t sample) {
    return sample != SampleTable::kAbsent && kept[sample] != 0 ? sample : SampleTable::kAbsent;
  };
  std::vector<ScoreFamily> all;
  std::map<std::string, size_t> of_parents;
  std::set<std::string> pregnancies;
  for (const Trio& trio : cohort.trios) {
    if (genotyped(trio.child) == SampleTable::kAbsent) continue;
    const Person& child = cohort.pedigree.people()[trio.person];
    size_t at = all.size();
    // Who shares one parent alone may be a half sibling: such a child stands for itself.
    if (!child.mother.empty() && !child.father.empty()) {
      at = of_parents.emplace(child.mother + '\n' + child.father, at).first->second;
    }
    if (at == all.size()) {
      all.emplace_back();
      all.back().mother = genotyped(trio.mother);
      all.back().father = genotyped(trio.father);
      all.back().kind = KindOf(all.back());
    }
    all[at].children.push_back(trio.child);
    all[at].informs.push_back(child.pregnancy.empty() ||
                              pregnancies.insert(child.mother + '\n' + child.pregnancy).second);
  }
  std::erase_if(all, [&](const ScoreFamily& f) {
    if (f.kind == FamilyKind::kTrio) return false;
    const auto informed = std::count(f.informs.begin(), f.informs.end(), uint8_t{1});
    return !incomplete || (f.kind == FamilyKind::kSiblings && informed < 2);
  });
  std::sort(all.begin(), all.end(), [](const ScoreFamily& a, const ScoreFamily& b) {
    return a.children.front() < b.children.front();
  });
  uint32_t first = 0;
  for (ScoreFamily& family : all) {
    family.first_child = first;
    first += static_cast<uint32_t>(family.children.size());
  }
  return all;
}

}  // namespace kinflow
