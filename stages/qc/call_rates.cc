#include "stages/qc/call_rates.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace kinflow {

void CallRates::Add(const VariantCounts& counts, const VariantTable& variants) {
  for (size_t i = 0; i < counts.size(); ++i) {
    const ChromClass chrom = variants.chrom_class(i);
    if (chrom == ChromClass::kY) continue;
    const CallsMade made = CallsMadeOf(counts, i, chrom);
    if (made.n == 0) continue;
    ++variants_[kSteps * (made.n - made.n_missing) / made.n];
  }
}

CallRates& CallRates::operator+=(const CallRates& o) {
  for (size_t step = 0; step <= kSteps; ++step) variants_[step] += o.variants_[step];
  return *this;
}

uint64_t CallRates::Unusual() const {
  constexpr uint64_t kLeast = kSteps * 8 / 10, kBelowMedian = kSteps * 2 / 100;
  const uint64_t all = std::accumulate(variants_.begin(), variants_.end(), uint64_t{0});
  uint64_t median = 0;
  for (uint64_t up_to = variants_[0]; 2 * up_to < all; up_to += variants_[median]) ++median;
  const uint64_t least = std::max(kLeast, median - std::min(median, kBelowMedian));
  return std::accumulate(variants_.begin(), variants_.begin() + static_cast<std::ptrdiff_t>(least),
                         uint64_t{0});
}

double CallRates::AtBest(const SampleCounts& counts, uint32_t sample, uint64_t unusual) {
  uint64_t variants = 0, missing = 0;
  for (size_t g = 0; g < SampleCounts::kGroups; ++g) {
    if (g == SampleCounts::kY) continue;
    const SampleCounts::GroupCounts& group = counts.groups[g];
    variants += group.variants;
    missing += group.absent.empty() ? group.missing[sample] : group.absent[sample];
  }
  if (variants <= unusual) return std::numeric_limits<double>::quiet_NaN();
  const uint64_t of_usual = missing - std::min(missing, unusual);
  return 1 - static_cast<double>(of_usual) / static_cast<double>(variants - unusual);
}

}  // namespace kinflow
