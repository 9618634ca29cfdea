#include "pipeline/data/cohort.h"

#include <algorithm>
#include <unordered_set>

namespace kinflow {
namespace {

Pedigree WithoutControls(const Pedigree& pedigree, const SampleTable& samples,
                         const std::vector<uint8_t>& controls) {
  std::unordered_set<std::string> ids;
  for (uint32_t s = 0; s < samples.size(); ++s) {
    if (controls[s] != 0) ids.insert(samples.iid(s));
  }
  std::vector<Person> people = pedigree.people();
  std::erase_if(people, [&ids](const Person& person) { return ids.contains(person.iid); });
  for (Person& person : people) {
    for (std::string Person::*parent : {&Person::father, &Person::mother}) {
      if (ids.contains(person.*parent)) (person.*parent).clear();
    }
  }
  return Pedigree::Build(std::move(people), "");
}

}  // namespace

CohortPtr Cohort::Build(SampleTablePtr samples, Pedigree pedigree, std::vector<uint8_t> controls) {
  auto cohort = std::make_shared<Cohort>();
  controls.resize(samples->size(), 0);
  cohort->controls = std::move(controls);
  if (cohort->has_controls()) pedigree = WithoutControls(pedigree, *samples, cohort->controls);
  cohort->roles = pedigree.SampleRoles(*samples);
  cohort->sexes = pedigree.SampleSexes(*samples);
  cohort->founders = pedigree.Founders(*samples);
  for (size_t s = 0; s < cohort->controls.size(); ++s) {
    if (cohort->controls[s] != 0) cohort->founders[s] = 0;
  }
  if (std::find(cohort->founders.begin(), cohort->founders.end(), 1) == cohort->founders.end()) {
    cohort->all_as_founders = true;
    cohort->founders = cohort->FoundersAmong(std::vector<uint8_t>(samples->size(), 1));
  }
  cohort->trios = pedigree.Trios(*samples);
  cohort->samples = std::move(samples);
  cohort->pedigree = std::move(pedigree);
  return cohort;
}

bool Cohort::has_controls() const {
  return std::find(controls.begin(), controls.end(), 1) != controls.end();
}

std::vector<uint8_t> Cohort::FoundersAmong(const std::vector<uint8_t>& people) const {
  std::vector<uint8_t> all(people.size()), only(people.size());
  for (size_t s = 0; s < people.size(); ++s) {
    all[s] = people[s] != 0 && controls[s] == 0;
    only[s] = all[s] != 0 && founders[s] != 0;
  }
  return std::find(only.begin(), only.end(), 1) == only.end() ? all : only;
}

size_t Cohort::CountSex(Sex sex) const {
  return static_cast<size_t>(std::count(sexes.begin(), sexes.end(), sex));
}

std::vector<std::string> Cohort::FamilyIds() const {
  std::vector<std::string> fids = samples->fids();
  for (uint32_t i = 0; i < samples->size(); ++i) {
    const int64_t person = pedigree.Find(samples->iid(i));
    if (person < 0) continue;
    const std::string& fid = pedigree.people()[static_cast<size_t>(person)].fid;
    if (!fid.empty()) fids[i] = fid;
  }
  return fids;
}

Digest Cohort::digest() const {
  Hasher hasher;
  for (const Digest& d : {samples->digest(), pedigree.digest()}) {
    hasher.AddField(d.high);
    hasher.AddField(d.low);
  }
  if (has_controls()) {
    for (const uint8_t control : controls) hasher.AddField(uint64_t{control});
  }
  return hasher.Finish();
}

}  // namespace kinflow
