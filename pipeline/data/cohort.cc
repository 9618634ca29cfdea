#include "pipeline/data/cohort.h"

#include <algorithm>

namespace kinflow {

CohortPtr Cohort::Build(SampleTablePtr samples, Pedigree pedigree) {
  auto cohort = std::make_shared<Cohort>();
  cohort->roles = pedigree.SampleRoles(*samples);
  cohort->sexes = pedigree.SampleSexes(*samples);
  cohort->founders = pedigree.Founders(*samples);
  cohort->trios = pedigree.Trios(*samples);
  cohort->samples = std::move(samples);
  cohort->pedigree = std::move(pedigree);
  return cohort;
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
  return hasher.Finish();
}

}  // namespace kinflow
