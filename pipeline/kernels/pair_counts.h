#pragma once

#include <cstddef>
#include <cstdint>

namespace kinflow {

/// What two people's calls have in common, over variants that both have a call at.
struct PairCounts {
  uint32_t het_het = 0;  // both heterozygous
  uint32_t ibs0 = 0;     // homozygous for different alleles
  uint32_t hom_hom = 0;  // both homozygous, for the same allele or not
  uint32_t het_hom = 0;  // the first heterozygous, the second homozygous
  uint32_t hom_het = 0;  // the other way round
  bool operator==(const PairCounts&) const = default;

  uint32_t n() const { return het_het + hom_hom + het_hom + hom_het; }
};

/// People whose calls lie side by side, as CallPlanes::Group gives them: for 64 variants the lower
/// bits of the calls of eight people, then their upper bits.
inline constexpr size_t kPairGroup = 8;
inline constexpr size_t kGroupWords = 2 * kPairGroup;

/// Counts of 8 x 8 pairs: `a` and `b` hold `words` times 64 variants of a group each, kGroupWords
/// apart; adds to counts[kPairGroup * i + j] those of person i of `a` and j of `b`. Variants that
/// do not exist have to be missing calls (3).
void AddPairCounts(const uint64_t* a, const uint64_t* b, size_t words, PairCounts* counts);

/// The plain C++ twin.
namespace scalar {
void AddPairCounts(const uint64_t* a, const uint64_t* b, size_t words, PairCounts* counts);
}  // namespace scalar

}  // namespace kinflow
