#include "pipeline/data/pedigree.h"

#include <fmt/format.h>

#include "pipeline/base/error.h"
#include "pipeline/data/person_id.h"

namespace kinflow {
namespace {

// Depth-first colouring over parent links: a grey person met again is their own ancestor.
void CheckLoops(const std::vector<Person>& people,
                const std::unordered_map<std::string, size_t>& index, const std::string& file) {
  enum : uint8_t { kWhite, kGrey, kBlack };
  std::vector<uint8_t> colour(people.size(), kWhite);
  std::vector<std::pair<size_t, int>> stack;
  for (size_t start = 0; start < people.size(); ++start) {
    if (colour[start] != kWhite) continue;
    stack.assign(1, {start, 0});
    colour[start] = kGrey;
    while (!stack.empty()) {
      auto& [person, next] = stack.back();
      if (next == 2) {
        colour[person] = kBlack;
        stack.pop_back();
        continue;
      }
      const std::string& parent = next++ == 0 ? people[person].father : people[person].mother;
      const auto it = parent.empty() ? index.end() : index.find(parent);
      if (it == index.end() || colour[it->second] == kBlack) continue;
      if (colour[it->second] == kGrey) {
        throw Error(ErrorId::kPedigreeLoop,
                    fmt::format("person {} of the pedigree is their own ancestor", it->second + 1))
            .InFile(file)
            .AtRecord(it->second + 1)
            .Remedy("correct the parent ids of this person or of their descendants");
      }
      colour[it->second] = kGrey;
      stack.emplace_back(it->second, 0);
    }
  }
}

}  // namespace

const char* RoleName(Role role) {
  switch (role) {
    case Role::kMother:
      return "mother";
    case Role::kFather:
      return "father";
    case Role::kChild:
      return "child";
    case Role::kOther:
      return "other";
  }
  return "other";
}

Pedigree Pedigree::Build(std::vector<Person> people, const std::string& file) {
  Pedigree p;
  p.people_ = std::move(people);
  Hasher hasher;
  for (size_t i = 0; i < p.people_.size(); ++i) {
    const Person& person = p.people_[i];
    const auto [it, added] = p.index_.emplace(person.iid, i);
    if (!added) {
      throw Error(
          ErrorId::kDuplicateChild,
          fmt::format("persons {} and {} of the pedigree have the same id", it->second + 1, i + 1))
          .InFile(file)
          .AtRecord(i + 1)
          .Remedy("keep one row a person; a second pregnancy is a second child, not a second row");
    }
    for (const auto& field :
         {person.fid, person.iid, person.father, person.mother, person.pregnancy}) {
      RequirePersonId(field, i + 1, file);
      hasher.AddField(field);
    }
    hasher.AddField(static_cast<uint64_t>(person.sex));
  }
  p.digest_ = hasher.Finish();
  CheckLoops(p.people_, p.index_, file);

  p.roles_.assign(p.people_.size(), Role::kOther);
  for (size_t i = 0; i < p.people_.size(); ++i) {
    const Person& person = p.people_[i];
    if ((!person.father.empty() || !person.mother.empty()) && p.roles_[i] == Role::kOther) {
      p.roles_[i] = Role::kChild;
    }
    for (const bool is_father : {true, false}) {
      const std::string& id = is_father ? person.father : person.mother;
      const auto it = id.empty() ? p.index_.end() : p.index_.find(id);
      if (it == p.index_.end()) continue;
      const Sex wrong = is_father ? Sex::kFemale : Sex::kMale;
      if (p.people_[it->second].sex == wrong) {
        throw Error(ErrorId::kParentSex, fmt::format("the {} of person {} is recorded as {}",
                                                     is_father ? "father" : "mother", i + 1,
                                                     is_father ? "female" : "male"))
            .InFile(file)
            .AtRecord(it->second + 1)
            .Field("sex")
            .Remedy("correct the sex of this parent, or exchange the parent columns of the child");
      }
      p.roles_[it->second] = is_father ? Role::kFather : Role::kMother;
    }
  }
  return p;
}

int64_t Pedigree::Find(const std::string& iid) const {
  const auto it = index_.find(iid);
  return it == index_.end() ? -1 : static_cast<int64_t>(it->second);
}

std::vector<Trio> Pedigree::Trios(const SampleTable& samples) const {
  std::vector<Trio> trios;
  const auto find = [&](const std::string& id) {
    return id.empty() ? SampleTable::kAbsent : samples.Find(id);
  };
  for (size_t i = 0; i < people_.size(); ++i) {
    const Person& person = people_[i];
    if (person.father.empty() && person.mother.empty()) continue;
    const Trio trio = {find(person.iid), find(person.father), find(person.mother),
                       static_cast<uint32_t>(i)};
    if (trio.child != SampleTable::kAbsent || trio.father != SampleTable::kAbsent ||
        trio.mother != SampleTable::kAbsent) {
      trios.push_back(trio);
    }
  }
  return trios;
}

std::vector<uint8_t> Pedigree::Founders(const SampleTable& samples) const {
  std::vector<uint8_t> founders(samples.size(), 1);
  for (uint32_t s = 0; s < samples.size(); ++s) {
    const int64_t row = Find(samples.iid(s));
    if (row < 0) continue;
    const Person& person = people_[static_cast<size_t>(row)];
    if (!person.father.empty() || !person.mother.empty()) founders[s] = 0;
  }
  return founders;
}

std::vector<Role> Pedigree::SampleRoles(const SampleTable& samples) const {
  std::vector<Role> roles(samples.size(), Role::kOther);
  for (uint32_t s = 0; s < samples.size(); ++s) {
    if (const int64_t row = Find(samples.iid(s)); row >= 0)
      roles[s] = roles_[static_cast<size_t>(row)];
  }
  return roles;
}

std::vector<Sex> Pedigree::SampleSexes(const SampleTable& samples) const {
  std::vector<Sex> sexes = samples.sexes();
  for (uint32_t s = 0; s < samples.size(); ++s) {
    const int64_t row = Find(samples.iid(s));
    if (row >= 0 && people_[static_cast<size_t>(row)].sex != Sex::kUnknown) {
      sexes[s] = people_[static_cast<size_t>(row)].sex;
    }
  }
  return sexes;
}

}  // namespace kinflow
