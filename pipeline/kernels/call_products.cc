#include "pipeline/kernels/call_products.h"

#include <algorithm>

// Machines with an instruction that counts bits: one for seven here.
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/call_products.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

CallProducts MultiplyCallsOn(const uint8_t* a, const uint8_t* b, size_t bytes) {
  return scalar::MultiplyCalls(a, b, bytes);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<uint8_t, 64>;
using Bytes = hn::Vec<D>;

/// At most 63 vectors: a byte counts up to 4 calls of each.
void AddProducts(const uint8_t* a, const uint8_t* b, size_t bytes, CallProducts& sums) {
  const D d;
  const hn::Repartition<uint16_t, D> d16;
  const hn::Repartition<uint64_t, D> d64;
  const Bytes even = hn::Set(d, uint8_t{0x55});
  Bytes n = hn::Zero(d), hom_a = n, alt_a = n, hom_b = n, alt_b = n, hom_hom = n, opposite = n;
  const auto count = [](Bytes& sum, Bytes bits) { sum = hn::Add(sum, hn::PopulationCount(bits)); };
  for (size_t i = 0; i < bytes; i += hn::Lanes(d)) {
    const Bytes x = hn::LoadU(d, a + i), y = hn::LoadU(d, b + i);
    // Upper bits in the places of the lower ones.
    const Bytes x_high = hn::BitCast(d, hn::ShiftRight<1>(hn::BitCast(d16, x)));
    const Bytes y_high = hn::BitCast(d, hn::ShiftRight<1>(hn::BitCast(d16, y)));
    const Bytes x_hom = hn::AndNot(x, even), y_hom = hn::AndNot(y, even);
    const Bytes x_called = hn::AndNot(hn::And(x, x_high), even);
    const Bytes y_called = hn::AndNot(hn::And(y, y_high), even);
    const Bytes both = hn::And(x_hom, y_hom);
    count(n, hn::And(x_called, y_called));
    count(hom_a, hn::And(x_hom, y_called));
    count(alt_a, hn::And(hn::And(x_hom, x_high), y_called));
    count(hom_b, hn::And(y_hom, x_called));
    count(alt_b, hn::And(hn::And(y_hom, y_high), x_called));
    count(hom_hom, both);
    count(opposite, hn::And(both, hn::Xor(x_high, y_high)));
  }
  const auto add = [&](uint32_t& to, Bytes sum) {
    to += static_cast<uint32_t>(hn::GetLane(hn::SumOfLanes(d64, hn::SumsOf8(sum))));
  };
  add(sums.n, n);
  add(sums.hom_a, hom_a);
  add(sums.alt_a, alt_a);
  add(sums.hom_b, hom_b);
  add(sums.alt_b, alt_b);
  add(sums.hom_hom, hom_hom);
  add(sums.opposite, opposite);
}

CallProducts MultiplyCallsOn(const uint8_t* a, const uint8_t* b, size_t bytes) {
  const size_t at_once = 63 * hn::Lanes(D());
  CallProducts sums;
  for (size_t i = 0; i < bytes; i += at_once) {
    AddProducts(a + i, b + i, std::min(at_once, bytes - i), sums);
  }
  return sums;
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(MultiplyCallsOn);

CallProducts MultiplyCalls(const uint8_t* a, const uint8_t* b, size_t bytes) {
  return HWY_DYNAMIC_DISPATCH(MultiplyCallsOn)(a, b, bytes);
}

}  // namespace kinflow
#endif  // HWY_ONCE
