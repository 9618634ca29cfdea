#include "pipeline/kernels/pair_counts.h"

#include <algorithm>

// Machines with an instruction that counts bits: one for seven here.
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/pair_counts.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void AddPairCountsOn(const uint64_t* a, const uint64_t* b, size_t words, PairCounts* counts) {
  scalar::AddPairCounts(a, b, words, counts);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<uint64_t, kPairGroup>;
using Words = hn::Vec<D>;
using Bytes = hn::Vec<hn::Repartition<uint8_t, D> >;

/// Bytes count up to 8 bits a word: as many words as fit.
constexpr size_t kWordsAtOnce = 31;

HWY_INLINE Bytes Count(Bytes sum, Words bits) {
  const hn::Repartition<uint8_t, D> bytes;
  return hn::Add(sum, hn::PopulationCount(hn::BitCast(bytes, bits)));
}

/// One person of `a` with the people of a vector of `b`.
HWY_INLINE void CountVector(const uint64_t* a, const uint64_t* b, size_t words,
                            PairCounts* counts) {
  const D d;
  const hn::Repartition<uint8_t, D> bytes;
  Bytes het_het = hn::Zero(bytes), ibs0 = het_het, hom_hom = het_het, het_hom = het_het,
        hom_het = het_het;
  for (size_t w = 0; w < words; ++w, a += kGroupWords, b += kGroupWords) {
    const Words low_a = hn::Set(d, a[0]), high_a = hn::Set(d, a[kPairGroup]);
    const Words low_b = hn::LoadU(d, b), high_b = hn::LoadU(d, b + kPairGroup);
    const Words het_a = hn::AndNot(high_a, low_a), het_b = hn::AndNot(high_b, low_b);
    const Words hom = hn::AndNot(hn::Or(low_a, low_b), hn::Set(d, ~uint64_t{0}));
    het_het = Count(het_het, hn::And(het_a, het_b));
    ibs0 = Count(ibs0, hn::And(hom, hn::Xor(high_a, high_b)));
    hom_hom = Count(hom_hom, hom);
    het_hom = Count(het_hom, hn::AndNot(low_b, het_a));
    hom_het = Count(hom_het, hn::AndNot(low_a, het_b));
  }
  const auto add = [&](uint32_t PairCounts::*member, Bytes sum) {
    alignas(64) uint64_t sums[kPairGroup];
    hn::Store(hn::SumsOf8(sum), d, sums);
    for (size_t j = 0; j < hn::Lanes(d); ++j) counts[j].*member += static_cast<uint32_t>(sums[j]);
  };
  add(&PairCounts::het_het, het_het);
  add(&PairCounts::ibs0, ibs0);
  add(&PairCounts::hom_hom, hom_hom);
  add(&PairCounts::het_hom, het_hom);
  add(&PairCounts::hom_het, hom_het);
}

void AddPairCountsOn(const uint64_t* a, const uint64_t* b, size_t words, PairCounts* counts) {
  const D d;
  for (size_t begin = 0; begin < words; begin += kWordsAtOnce) {
    const size_t n = std::min(kWordsAtOnce, words - begin);
    for (size_t i = 0; i < kPairGroup; ++i) {
      for (size_t j = 0; j < kPairGroup; j += hn::Lanes(d)) {
        CountVector(a + kGroupWords * begin + i, b + kGroupWords * begin + j, n,
                    counts + kPairGroup * i + j);
      }
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(AddPairCountsOn);

void AddPairCounts(const uint64_t* a, const uint64_t* b, size_t words, PairCounts* counts) {
  HWY_DYNAMIC_DISPATCH(AddPairCountsOn)(a, b, words, counts);
}

}  // namespace kinflow
#endif  // HWY_ONCE
