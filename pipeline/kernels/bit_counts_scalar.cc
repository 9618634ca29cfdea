#include <bit>

#include "pipeline/kernels/bit_counts.h"

namespace kinflow::scalar {

void AddBitCounts(std::span<const uint64_t> words, uint32_t* by_word, uint32_t* by_bit) {
  for (size_t i = 0; i < words.size(); ++i) {
    by_word[i] += static_cast<uint32_t>(std::popcount(words[i]));
    for (unsigned k = 0; k < 64; ++k) by_bit[k] += static_cast<uint32_t>(words[i] >> k & 1);
  }
}

}  // namespace kinflow::scalar
