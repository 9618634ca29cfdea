// Frequencies of another cohort in place of the target's own.

#include <algorithm>

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "stages/formats/frequency_file.h"
#include "stages/scores/match.h"

namespace kinflow {
namespace {

uint64_t PlaceKey(std::string_view chrom, uint32_t pos) {
  return HashBytes(chrom == "XY" ? "X" : chrom).low ^ (uint64_t{pos} * 0x9E3779B97F4A7C15ull);
}

/// Whether the row speaks of the variant, in either order of its alleles.
enum class Fit : uint8_t { kNone, kAsIs, kSwapped };

Fit FitOf(const VariantTable& targets, uint32_t t, const FrequencyRow& row) {
  const std::string ref = UpperCase(targets.ref(t)), alt = UpperCase(targets.alt(t));
  const std::string row_ref = UpperCase(row.ref), row_alt = UpperCase(row.alt);
  if (ref == row_ref && alt == row_alt) return Fit::kAsIs;
  return ref == row_alt && alt == row_ref ? Fit::kSwapped : Fit::kNone;
}

}  // namespace

uint64_t MatchFinder::UseFrequencies(FrequencyFileReader& file) {
  const bool by_place = file.has_positions();
  std::vector<std::pair<uint64_t, uint32_t>> index(rows_.size());
  for (uint32_t t = 0; t < index.size(); ++t) {
    index[t] = {
        by_place ? PlaceKey(targets_.chrom(t), targets_.pos(t)) : HashBytes(targets_.id(t)).low, t};
  }
  std::sort(index.begin(), index.end());
  std::vector<uint64_t> from_line(index.size(), 0);
  uint64_t found = 0;
  FrequencyRow row;
  while (file.Next(row)) {
    if (!by_place && row.id.empty()) continue;
    const uint64_t key = by_place ? PlaceKey(row.chrom, row.pos) : HashBytes(row.id).low;
    auto it = std::lower_bound(index.begin(), index.end(), std::pair{key, uint32_t{0}});
    for (; it != index.end() && it->first == key; ++it) {
      const uint32_t t = it->second;
      if (by_place ? targets_.pos(t) != row.pos : targets_.id(t) != row.id) continue;
      const Fit fit = FitOf(targets_, t, row);
      if (fit == Fit::kNone) continue;
      const double freq = fit == Fit::kAsIs ? row.alt_freq : 1 - row.alt_freq;
      if (from_line[t] != 0 && alt_freq_[t] != freq) {
        throw Error(ErrorId::kMalformed, "a variant has two frequencies")
            .InFile(file.path())
            .AtLine(row.line)
            .AtPosition(targets_.chrom(t), targets_.pos(t))
            .Remedy("remove one of its rows");
      }
      found += from_line[t] == 0;
      from_line[t] = row.line;
      alt_freq_[t] = freq;
    }
  }
  return found;
}

}  // namespace kinflow
