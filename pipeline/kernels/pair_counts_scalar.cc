#include <bit>

#include "pipeline/kernels/pair_counts.h"

namespace kinflow::scalar {

void AddPairCounts(const uint64_t* a, const uint64_t* b, size_t words, PairCounts* counts) {
  const auto ones = [](uint64_t word) { return static_cast<uint32_t>(std::popcount(word)); };
  for (size_t i = 0; i < kPairGroup; ++i) {
    for (size_t j = 0; j < kPairGroup; ++j) {
      PairCounts& pair = counts[kPairGroup * i + j];
      for (size_t w = 0; w < words; ++w) {
        const uint64_t* wa = a + kGroupWords * w + i;
        const uint64_t* wb = b + kGroupWords * w + j;
        const uint64_t hom_a = ~wa[0], hom_b = ~wb[0];  // calls 0 and 2
        const uint64_t het_a = wa[0] & ~wa[kPairGroup], het_b = wb[0] & ~wb[kPairGroup];
        pair.het_het += ones(het_a & het_b);
        pair.ibs0 += ones(hom_a & hom_b & (wa[kPairGroup] ^ wb[kPairGroup]));
        pair.hom_hom += ones(hom_a & hom_b);
        pair.het_hom += ones(het_a & hom_b);
        pair.hom_het += ones(hom_a & het_b);
      }
    }
  }
}

}  // namespace kinflow::scalar
