#include "pipeline/store/expand_calls.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/store/expand_calls.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Whole vectors of 16 bytes, 64 calls; returns the number of calls done. Four vectors hold the
// first, second, third and fourth call of each byte; interleaving brings them back into order.
size_t ExpandOn(const uint8_t* in, size_t n, uint8_t* out) {
#if HWY_TARGET == HWY_SCALAR
  (void)in, (void)n, (void)out;
  return 0;
#else
  const hn::Full128<uint8_t> d;
  const hn::Repartition<uint16_t, decltype(d)> d16;
  const auto three = hn::Set(d, uint8_t{3});
  const auto call = [&](auto bytes, auto shift) {
    const auto v = hn::And(hn::BitCast(d, shift(hn::BitCast(d16, bytes))), three);
    return hn::Or(v, hn::VecFromMask(d, hn::Eq(v, three)));
  };
  size_t done = 0;
  for (; done + 64 <= n; done += 64) {
    const auto bytes = hn::LoadU(d, in + done / 4);
    const auto a = call(bytes, [](auto v) { return v; });
    const auto b = call(bytes, [](auto v) { return hn::ShiftRight<2>(v); });
    const auto c = call(bytes, [](auto v) { return hn::ShiftRight<4>(v); });
    const auto e = call(bytes, [](auto v) { return hn::ShiftRight<6>(v); });
    const auto ab_low = hn::BitCast(d16, hn::InterleaveLower(d, a, b));
    const auto ce_low = hn::BitCast(d16, hn::InterleaveLower(d, c, e));
    const auto ab_high = hn::BitCast(d16, hn::InterleaveUpper(d, a, b));
    const auto ce_high = hn::BitCast(d16, hn::InterleaveUpper(d, c, e));
    uint8_t* to = out + done;
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, ab_low, ce_low)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, ab_low, ce_low)), d, to + 16);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(d16, ab_high, ce_high)), d, to + 32);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(d16, ab_high, ce_high)), d, to + 48);
  }
  return done;
#endif
}

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(ExpandOn);

void ExpandCalls(const uint8_t* row, uint32_t first, uint32_t n, uint8_t* out) {
  const uint8_t* in = row + first / 4;
  for (size_t i = HWY_DYNAMIC_DISPATCH(ExpandOn)(in, n, out); i < n; ++i) {
    const uint8_t call = in[i / 4] >> (2 * (i % 4)) & 3;
    out[i] = call == 3 ? 255 : call;
  }
}

}  // namespace kinflow
#endif  // HWY_ONCE
