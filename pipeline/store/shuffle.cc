#include "pipeline/store/shuffle.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/store/shuffle.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Whole vectors; return the number of values done.
size_t SplitBytesOn(const uint8_t* in, size_t n, uint8_t* low, uint8_t* high) {
#if HWY_TARGET == HWY_SCALAR
  (void)in, (void)n, (void)low, (void)high;
  return 0;
#else
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto a = hn::LoadU(d, in + 2 * i), b = hn::LoadU(d, in + 2 * i + lanes);
    hn::StoreU(hn::ConcatEven(d, b, a), d, low + i);
    hn::StoreU(hn::ConcatOdd(d, b, a), d, high + i);
  }
  return i;
#endif
}

size_t JoinBytesOn(const uint8_t* low, const uint8_t* high, size_t n, uint8_t* out) {
#if HWY_TARGET == HWY_SCALAR
  (void)low, (void)high, (void)n, (void)out;
  return 0;
#else
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreInterleaved2(hn::LoadU(d, low + i), hn::LoadU(d, high + i), d, out + 2 * i);
  }
  return i;
#endif
}

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(SplitBytesOn);
HWY_EXPORT(JoinBytesOn);

void SplitBytes(const uint8_t* in, size_t n, uint8_t* low, uint8_t* high) {
  for (size_t i = HWY_DYNAMIC_DISPATCH(SplitBytesOn)(in, n, low, high); i < n; ++i) {
    low[i] = in[2 * i];
    high[i] = in[2 * i + 1];
  }
}

void Shuffle(const uint8_t* in, size_t size, size_t element, uint8_t* out) {
  const size_t n = size / element;
  if (element == 2) return SplitBytes(in, n, out, out + n);
  for (size_t b = 0; b < element; ++b) {
    for (size_t i = 0; i < n; ++i) out[b * n + i] = in[i * element + b];
  }
}

void Unshuffle(const uint8_t* in, size_t size, size_t element, uint8_t* out) {
  const size_t n = size / element;
  if (element == 2) {
    const uint8_t* high = in + n;
    for (size_t i = HWY_DYNAMIC_DISPATCH(JoinBytesOn)(in, high, n, out); i < n; ++i) {
      out[2 * i] = in[i];
      out[2 * i + 1] = high[i];
    }
    return;
  }
  for (size_t b = 0; b < element; ++b) {
    for (size_t i = 0; i < n; ++i) out[i * element + b] = in[b * n + i];
  }
}

}  // namespace kinflow
#endif  // HWY_ONCE
