#include "pipeline/kernels/bit_counts.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

// All tails of one vector, and numbers of words that pass the byte counters' flush.
TEST(AddBitCounts, AddsEveryBitByWordAndByPlaceOnEachTarget) {
  for (const size_t n : {0u, 1u, 2u, 3u, 7u, 8u, 9u, 254u, 255u, 256u, 511u, 1000u}) {
    for (const bool full : {false, true}) {
      Philox random(n, 5);
      std::vector<uint64_t> words(n + 1);
      for (uint64_t& word : words) {
        word = full ? ~uint64_t{0} : random.Below(1ull << 32) << 32 | random.Below(1ull << 32);
      }
      std::vector<uint32_t> by_word(n, 3);
      std::array<uint32_t, 64> by_bit;
      by_bit.fill(4);
      for (size_t i = 0; i < n; ++i) {
        for (size_t k = 0; k < 64; ++k) {
          if ((words[i] >> k & 1) == 0) continue;
          ++by_word[i];
          ++by_bit[k];
        }
      }
      const auto check = [&](const char* target, auto add) {
        std::vector<uint32_t> word_counts(n, 3);
        std::array<uint32_t, 64> bit_counts;
        bit_counts.fill(4);
        add(std::span<const uint64_t>(words).first(n), word_counts.data(), bit_counts.data());
        EXPECT_EQ(word_counts, by_word) << target << " n=" << n;
        EXPECT_EQ(bit_counts, by_bit) << target << " n=" << n;
      };
      check("twin", scalar::AddBitCounts);
      test::OnEachTarget([&](const char* target) { check(target, AddBitCounts); });
    }
  }
}

}  // namespace
}  // namespace kinflow
