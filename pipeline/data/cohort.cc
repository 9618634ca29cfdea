#include "pipeline/data/cohort.h"

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

Digest Cohort::digest() const {
  Hasher hasher;
  for (const Digest& d : {samples->digest(), pedigree.digest()}) {
    hasher.AddField(d.high);
    hasher.AddField(d.low);
  }
  return hasher.Finish();
}

}  // namespace kinflow
