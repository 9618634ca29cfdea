#include "stages/export/one_copy.h"

namespace kinflow {

Sex SexOf(const SampleTable& samples, uint32_t sample, const Pedigree* pedigree) {
  const int64_t at = pedigree == nullptr ? -1 : pedigree->Find(samples.iid(sample));
  const Sex told = at < 0 ? Sex::kUnknown : pedigree->people()[static_cast<size_t>(at)].sex;
  return told == Sex::kUnknown ? samples.sex(sample) : told;
}

OneCopy::OneCopy(const SampleTable& samples, const Pedigree* pedigree) {
  for (uint32_t s = 0; s < samples.size(); ++s) {
    male_.push_back(SexOf(samples, s, pedigree) == Sex::kMale ? 1 : 0);
  }
}

}  // namespace kinflow
