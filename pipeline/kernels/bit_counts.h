#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace kinflow {

/// Counts the bits of `words` by word and by place: by_word[i] += bits of words[i], by_bit[k] +=
/// words with bit k, of 64. One more word must be readable behind the last.
void AddBitCounts(std::span<const uint64_t> words, uint32_t* by_word, uint32_t* by_bit);

/// The plain C++ twin.
namespace scalar {
void AddBitCounts(std::span<const uint64_t> words, uint32_t* by_word, uint32_t* by_bit);
}  // namespace scalar

}  // namespace kinflow
