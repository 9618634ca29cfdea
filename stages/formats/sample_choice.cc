#include "stages/formats/sample_choice.h"

#include <algorithm>
#include <unordered_set>

#include "pipeline/base/error.h"

namespace kinflow {
namespace {

/// File columns of the wanted people, in file order.
std::vector<uint32_t> WantedColumns(const SampleTable& samples,
                                    const std::vector<std::string>& keep) {
  const std::unordered_set<std::string> wanted(keep.begin(), keep.end());
  std::vector<uint32_t> columns;
  for (uint32_t i = 0; i < samples.size(); ++i) {
    if (keep.empty() || wanted.contains(samples.iid(i))) columns.push_back(i);
  }
  return columns;
}

/// Sorts columns as their people stand in `order`; people it lacks come last.
void Reorder(const SampleTable& samples, const SampleTable& order, std::vector<uint32_t>& columns) {
  std::stable_sort(columns.begin(), columns.end(), [&](uint32_t a, uint32_t b) {
    return order.Find(samples.iid(a)) < order.Find(samples.iid(b));
  });
}

}  // namespace

SampleChoice SampleChoice::Make(SampleTablePtr file_samples, const ReadChoice& choice,
                                const std::string& file) {
  SampleChoice out;
  const uint32_t n = file_samples->size();
  out.source = WantedColumns(*file_samples, choice.keep);
  if (out.source.empty()) {
    throw Error(ErrorId::kNoCommonSamples, "none of the chosen samples is in the genotype file")
        .InFile(file)
        .Remedy("check that the ids are the IIDs (VCF column names) of the genotypes");
  }
  if (choice.order) Reorder(*file_samples, *choice.order, out.source);
  out.target.assign(n, SampleTable::kAbsent);
  for (uint32_t i = 0; i < out.source.size(); ++i) out.target[out.source[i]] = i;
  out.all = out.source.size() == n && std::is_sorted(out.source.begin(), out.source.end());
  if (out.all) {
    out.table = std::move(file_samples);
    return out;
  }
  std::vector<std::string> fids, iids;
  std::vector<Sex> sexes;
  for (const uint32_t i : out.source) {
    fids.push_back(file_samples->fid(i));
    iids.push_back(file_samples->iid(i));
    sexes.push_back(file_samples->sex(i));
  }
  out.table = SampleTable::Build(std::move(fids), std::move(iids), std::move(sexes), file);
  return out;
}

}  // namespace kinflow
