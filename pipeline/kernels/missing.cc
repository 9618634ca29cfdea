#include <algorithm>

#include "pipeline/kernels/counts.h"
#include "pipeline/kernels/missing_calls.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/missing.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// First of the values [s, end), in steps of 64 bytes, where a step holds a missing one; behind the
/// last whole step if there is none.
template <class T>
uint32_t SkipCalledOn(const T* row, uint32_t s, uint32_t end) {
  constexpr uint32_t kStep = 64 / sizeof(T);
#if HWY_TARGET == HWY_SCALAR
  for (; s + kStep <= end; s += kStep) {
    for (uint32_t k = 0; k < kStep; ++k) {
      if (row[s + k] == static_cast<T>(-1)) return s;
    }
  }
#else
  const hn::CappedTag<T, kStep> d;
  const auto lanes = static_cast<uint32_t>(hn::Lanes(d));
  const auto missing = hn::Set(d, static_cast<T>(-1));
  for (; s + kStep <= end; s += kStep) {
    auto any = hn::Eq(hn::LoadU(d, row + s), missing);
    for (uint32_t k = lanes; k < kStep; k += lanes) {
      any = hn::Or(any, hn::Eq(hn::LoadU(d, row + s + k), missing));
    }
    if (!hn::AllFalse(d, any)) return s;
  }
#endif
  return s;
}

uint32_t SkipCalledBytesOn(const uint8_t* row, uint32_t s, uint32_t end) {
  return SkipCalledOn(row, s, end);
}
uint32_t SkipCalledWordsOn(const uint16_t* row, uint32_t s, uint32_t end) {
  return SkipCalledOn(row, s, end);
}

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(SkipCalledBytesOn);
HWY_EXPORT(SkipCalledWordsOn);

namespace {

uint32_t SkipCalled(const uint8_t* row, uint32_t s, uint32_t end) {
  return HWY_DYNAMIC_DISPATCH(SkipCalledBytesOn)(row, s, end);
}
uint32_t SkipCalled(const uint16_t* row, uint32_t s, uint32_t end) {
  return HWY_DYNAMIC_DISPATCH(SkipCalledWordsOn)(row, s, end);
}

template <class T>
void AppendMissingValues(const T* row, Range samples, std::vector<uint32_t>& out) {
  constexpr uint32_t kStep = 64 / sizeof(T);
  for (uint32_t s = samples.begin; s < samples.end;) {
    s = SkipCalled(row, s, samples.end);
    for (const uint32_t end = std::min(samples.end, s + kStep); s < end; ++s) {
      if (row[s] == static_cast<T>(-1)) out.push_back(s);
    }
  }
}

}  // namespace

void AppendMissing(const DosageEncoding& encoding, const uint8_t* row, Range samples,
                   std::vector<uint32_t>& out) {
  switch (encoding.layout) {
    case DosageEncoding::Layout::kTwoBit:
      return ForEachMissingCall(row, samples, [&](uint32_t s) { out.push_back(s); });
    case DosageEncoding::Layout::kU8:
      return AppendMissingValues(row, samples, out);
    case DosageEncoding::Layout::kU16:
      return AppendMissingValues(reinterpret_cast<const uint16_t*>(row), samples, out);
  }
}

}  // namespace kinflow
#endif  // HWY_ONCE
