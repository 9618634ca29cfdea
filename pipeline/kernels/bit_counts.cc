#include "pipeline/kernels/bit_counts.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/bit_counts.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void AddBitCountsOn(std::span<const uint64_t> words, uint32_t* by_word, uint32_t* by_bit) {
  scalar::AddBitCounts(words, by_word, by_bit);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

/// At most 255 words, so that bytes do not overflow.
void CountPlaces(std::span<const uint64_t> words, uint32_t* by_bit) {
  const hn::CappedTag<uint8_t, 64> d;
  const size_t lanes = hn::Lanes(d);
  uint8_t sums[64];
  for (size_t first = 0; first < 64; first += lanes) {
    auto sum = hn::Zero(d);
    for (const uint64_t& word : words) {
      const auto* bits = reinterpret_cast<const uint8_t*>(&word) + first / 8;
      sum = hn::Sub(sum, hn::VecFromMask(d, hn::LoadMaskBits(d, bits)));
    }
    hn::StoreU(sum, d, sums + first);
  }
  for (size_t k = 0; k < 64; ++k) by_bit[k] += sums[k];
}

void AddBitCountsOn(std::span<const uint64_t> words, uint32_t* by_word, uint32_t* by_bit) {
  constexpr size_t kAtOnce = 255;
  for (size_t begin = 0; begin < words.size(); begin += kAtOnce) {
    CountPlaces(words.subspan(begin, std::min(kAtOnce, words.size() - begin)), by_bit);
  }
  const hn::CappedTag<uint64_t, 8> d;
  const hn::Rebind<uint32_t, decltype(d)> d32;
  const size_t whole = words.size() / hn::Lanes(d) * hn::Lanes(d);
  for (size_t i = 0; i < whole; i += hn::Lanes(d)) {
    const auto ones = hn::TruncateTo(d32, hn::PopulationCount(hn::LoadU(d, words.data() + i)));
    hn::StoreU(hn::Add(hn::LoadU(d32, by_word + i), ones), d32, by_word + i);
  }
  for (size_t i = whole; i < words.size(); ++i) {
    by_word[i] += static_cast<uint32_t>(hwy::PopCount(words[i]));
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(AddBitCountsOn);

void AddBitCounts(std::span<const uint64_t> words, uint32_t* by_word, uint32_t* by_bit) {
  HWY_DYNAMIC_DISPATCH(AddBitCountsOn)(words, by_word, by_bit);
}

}  // namespace kinflow
#endif  // HWY_ONCE
