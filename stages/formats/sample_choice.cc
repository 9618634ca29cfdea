#include "stages/formats/sample_choice.h"

#include <unordered_set>

#include "pipeline/base/error.h"

namespace kinflow {

SampleChoice SampleChoice::Make(SampleTablePtr file_samples, const std::vector<std::string>& keep,
                                const std::string& file) {
  SampleChoice choice;
  const uint32_t n = file_samples->size();
  choice.target.assign(n, SampleTable::kAbsent);
  const std::unordered_set<std::string> wanted(keep.begin(), keep.end());
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  for (uint32_t i = 0; i < n; ++i) {
    if (!keep.empty() && !wanted.contains(file_samples->iid(i))) continue;
    choice.target[i] = static_cast<uint32_t>(choice.source.size());
    choice.source.push_back(i);
  }
  choice.all = choice.source.size() == n;
  if (choice.source.empty()) {
    throw Error(ErrorId::kNoCommonSamples, "none of the chosen samples is in the genotype file")
        .InFile(file)
        .Remedy("check that the ids are the IIDs (VCF column names) of the genotypes");
  }
  if (choice.all) {
    choice.table = std::move(file_samples);
    return choice;
  }
  for (const uint32_t i : choice.source) {
    fids.push_back(file_samples->fid(i));
    iids.push_back(file_samples->iid(i));
    sexes.push_back(file_samples->sex(i));
  }
  choice.table = SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), file);
  return choice;
}

}  // namespace kinflow
