#include "stages/qc/reference_match.h"

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

namespace kinflow {
namespace {

uint64_t PlaceKey(std::string_view chrom, uint32_t pos) {
  return HashBytes(chrom == "XY" ? "X" : chrom).low ^ (uint64_t{pos} * 0x9E3779B97F4A7C15ull);
}

}  // namespace

void ReferenceMatch::Read(FrequencyFileReader& file) {
  const bool by_place = file.has_positions();
  found_.assign(variants_.size(), {});
  std::vector<std::pair<uint64_t, uint32_t>> index(variants_.size());
  for (uint32_t v = 0; v < index.size(); ++v) {
    index[v] = {
        by_place ? PlaceKey(variants_.chrom(v), variants_.pos(v)) : HashBytes(variants_.id(v)).low,
        v};
  }
  std::sort(index.begin(), index.end());
  FrequencyRow row;
  while (file.Next(row)) {
    if (!by_place && row.id.empty()) continue;
    const uint64_t key = by_place ? PlaceKey(row.chrom, row.pos) : HashBytes(row.id).low;
    auto it = std::lower_bound(index.begin(), index.end(), std::pair{key, uint32_t{0}});
    for (; it != index.end() && it->first == key; ++it) {
      const uint32_t v = it->second;
      if (by_place ? variants_.pos(v) == row.pos : variants_.id(v) == row.id) {
        Take(v, row, file.path());
      }
    }
  }
}

void ReferenceMatch::Take(uint32_t variant, const FrequencyRow& row, const std::string& path) {
  const AlleleFit fit =
      FitAlleles(variants_.ref(variant), variants_.alt(variant), row.ref, row.alt);
  ReferenceAllele& found = found_[variant];
  if (fit < found.fit) return;
  const bool swapped = fit == AlleleFit::kSwapped || fit == AlleleFit::kStrandSwapped;
  const double frequency = swapped ? 1 - row.alt_freq : row.alt_freq;
  if (fit == found.fit && fit != AlleleFit::kOther && frequency != found.frequency) {
    throw Error(ErrorId::kMalformed, "a variant has two frequencies")
        .InFile(path)
        .AtLine(row.line)
        .AtPosition(variants_.chrom(variant), variants_.pos(variant))
        .Remedy("remove one of its rows");
  }
  found = {fit, frequency, row.alleles};
}

}  // namespace kinflow
