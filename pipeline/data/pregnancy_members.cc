#include "pipeline/data/pregnancy_members.h"

#include <algorithm>

namespace kinflow {

PregnancyMembers::PregnancyMembers(const Pedigree& pedigree) : pedigree_(pedigree) {
  for (const Person& person : pedigree.people()) {
    if (person.pregnancy.empty() || (person.mother.empty() && person.father.empty())) continue;
    children_[person.pregnancy].push_back(&person);
    for (const std::string* id : {&person.iid, &person.mother, &person.father}) {
      if (!id->empty()) people_.insert(*id);
    }
  }
}

bool PregnancyMembers::Contradicts(const std::string& person, std::string_view pregnancy) const {
  const auto children = children_.find(pregnancy);
  const int64_t row = pedigree_.Find(person);
  if (children == children_.end() || row < 0) return false;
  const Role role = pedigree_.role(static_cast<size_t>(row));
  const bool mother = role == Role::kMother || role == Role::kOther;
  const bool father = role == Role::kFather || role == Role::kOther;
  return std::none_of(children->second.begin(), children->second.end(), [&](const Person* child) {
    return child->iid == person || child->mother == person || child->father == person ||
           (mother && child->mother.empty()) || (father && child->father.empty());
  });
}

}  // namespace kinflow
