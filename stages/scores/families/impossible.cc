#include "stages/scores/families/impossible.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "stages/family/tails.h"

namespace kinflow {
namespace {

constexpr double kFalseAlarms = 0.01, kTimesTheRate = 3;

/// P(X >= k) of a Poisson number, by chi-square with 2 k degrees of freedom.
double PoissonTail(uint32_t k, double rate) { return 1 - family::UpperChi2(2 * rate, 2.0 * k).p; }

uint32_t LowerMedian(std::vector<uint32_t>& counts) {
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>((counts.size() - 1) / 2);
  std::nth_element(counts.begin(), middle, counts.end());
  return *middle;
}

}  // namespace

uint32_t ImpossibleLimit(std::vector<uint32_t> counts, size_t tests) {
  const double rate = LowerMedian(counts) + std::numbers::ln2;
  const double level = kFalseAlarms / static_cast<double>(tests);
  auto limit = static_cast<uint32_t>(std::floor(kTimesTheRate * rate)) + 1;
  while (PoissonTail(limit, rate) >= level) ++limit;
  return limit;
}

std::vector<std::string> ImpossibleWarnings(const std::vector<FamilyKind>& kinds,
                                            const std::vector<uint32_t>& impossible) {
  std::map<FamilyKind, std::vector<uint32_t>> by_kind;
  for (size_t c = 0; c < kinds.size(); ++c) by_kind[kinds[c]].push_back(impossible[c]);
  std::vector<std::string> warnings;
  for (const auto& [kind, counts] : by_kind) {
    const uint32_t limit = ImpossibleLimit(counts, kinds.size());
    const auto beyond = std::count_if(counts.begin(), counts.end(),
                                      [limit](uint32_t count) { return count >= limit; });
    if (beyond == 0) continue;
    warnings.push_back(fmt::format(
        "{} of {} children ({}) have {} or more genotypes that their parents cannot have passed "
        "on, far more than the others: swapped samples, wrong parents or poor genotypes; see "
        "N_IMPOSSIBLE in private/family_scores.tsv",
        beyond, counts.size(), FamilyKindName(kind), limit));
  }
  return warnings;
}

}  // namespace kinflow
