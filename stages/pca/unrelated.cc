#include "stages/pca/unrelated.h"

#include <set>
#include <utility>

#include "stages/kinship/kinship.h"

namespace kinflow::pca {

std::vector<uint8_t> UnrelatedFounders(const Cohort& cohort, const std::vector<uint8_t>& kept,
                                       const std::vector<kinship::Pair>& pairs,
                                       double max_kinship) {
  const uint32_t n = cohort.samples->size();
  std::vector<uint8_t> chosen = cohort.FoundersAmong(kept);
  std::vector<std::vector<uint32_t>> relatives(n);
  for (const auto& [samples, counts] : pairs) {
    if (!(kinship::Kinship(counts) > max_kinship)) continue;
    if (!chosen[samples.first] || !chosen[samples.second]) continue;
    relatives[samples.first].push_back(samples.second);
    relatives[samples.second].push_back(samples.first);
  }
  std::vector<uint32_t> left(n, 0);
  std::set<std::pair<uint32_t, uint32_t>> by_relatives;  // number, person
  for (uint32_t s = 0; s < n; ++s) {
    left[s] = static_cast<uint32_t>(relatives[s].size());
    if (left[s] > 0) by_relatives.emplace(left[s], s);
  }
  while (!by_relatives.empty()) {
    const uint32_t gone = by_relatives.rbegin()->second;
    by_relatives.erase({left[gone], gone});
    chosen[gone] = 0;
    for (const uint32_t r : relatives[gone]) {
      if (!chosen[r]) continue;
      by_relatives.erase({left[r], r});
      if (--left[r] > 0) by_relatives.emplace(left[r], r);
    }
  }
  return chosen;
}

}  // namespace kinflow::pca
