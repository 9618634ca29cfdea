#include "stages/kinship/identical_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace kinflow::kinship {

std::vector<uint32_t> IdenticalSamples(const std::vector<JudgedPair>& pairs, size_t n_samples) {
  std::vector<uint32_t> first(n_samples);  // union-find
  std::iota(first.begin(), first.end(), 0u);
  const auto root = [&first](uint32_t s) {
    while (first[s] != s) s = first[s] = first[first[s]];
    return s;
  };
  for (const JudgedPair& pair : pairs) {
    if (pair.found != Relation::kDuplicate) continue;
    const uint32_t a = root(pair.pair.samples.first), b = root(pair.pair.samples.second);
    first[std::max(a, b)] = std::min(a, b);
  }
  std::vector<uint32_t> size(n_samples, 0), identical(n_samples);
  for (uint32_t s = 0; s < n_samples; ++s) ++size[root(s)];
  for (uint32_t s = 0; s < n_samples; ++s) identical[s] = size[root(s)];
  return identical;
}

void TellLikelyControls(const std::vector<uint32_t>& identical, std::vector<Conflict>& conflicts) {
  for (Conflict& conflict : conflicts) {
    if (conflict.kind != "duplicate" || identical[conflict.sample_1] <= kMostCopies) continue;
    conflict.evidence += fmt::format(
        "; one of {} identical samples, likely controls: they are declared in column control of "
        "the table of plates, the last copy too",
        identical[conflict.sample_1]);
  }
}

std::string LikelyControls(const std::vector<uint32_t>& identical) {
  const auto samples =
      std::count_if(identical.begin(), identical.end(), [](uint32_t n) { return n > kMostCopies; });
  if (samples == 0) return "";
  return fmt::format(
      "kinship: {} samples have more than {} copies with themselves, likely control samples: "
      "declare them in column control of the table of plates (plates.file), else one of each stays "
      "as a founder",
      samples, kMostCopies);
}

}  // namespace kinflow::kinship
