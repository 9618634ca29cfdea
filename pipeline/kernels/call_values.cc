#include "pipeline/kernels/call_values.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/call_values.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void CallsToValuesOn(const uint64_t* low, const uint64_t* high, size_t stride, size_t words,
                     const CallValues* values, float* out) {
  scalar::CallsToValues(low, high, stride, words, values, out);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

void CallsToValuesOn(const uint64_t* low, const uint64_t* high, size_t stride, size_t words,
                     const CallValues* values, float* out) {
  const hn::CappedTag<float, 16> d;
  const size_t lanes = hn::Lanes(d);
  for (size_t i = 0; i < words; ++i, out += 64) {
    const auto& [none, one, two] = values[i].values;
    for (size_t v = 0; v < 64; v += lanes) {
      // LoadMaskBits reads up to eight bytes.
      const uint64_t bits[2] = {low[i * stride] >> v, high[i * stride] >> v};
      const auto lower = hn::LoadMaskBits(d, reinterpret_cast<const uint8_t*>(&bits[0]));
      const auto upper = hn::LoadMaskBits(d, reinterpret_cast<const uint8_t*>(&bits[1]));
      const auto no_copies = hn::LoadU(d, none.data() + v);
      const auto one_copy = hn::LoadU(d, one.data() + v);
      const auto two_copies = hn::LoadU(d, two.data() + v);
      const auto with_upper = hn::IfThenZeroElse(lower, two_copies);
      const auto without = hn::IfThenElse(lower, one_copy, no_copies);
      hn::StoreU(hn::IfThenElse(upper, with_upper, without), d, out + v);
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(CallsToValuesOn);

void CallsToValues(const uint64_t* low, const uint64_t* high, size_t stride, size_t words,
                   const CallValues* values, float* out) {
  HWY_DYNAMIC_DISPATCH(CallsToValuesOn)(low, high, stride, words, values, out);
}

}  // namespace kinflow
#endif  // HWY_ONCE
