#include "pipeline/kernels/probabilities.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/probabilities.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

bool ProbabilitiesToDosagesOn(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n,
                              uint16_t* out) {
  return scalar::ProbabilitiesToDosages(pairs, ploidy, n, out);
}
void HaplotypesToDosagesOn(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out) {
  scalar::HaplotypesToDosages(pairs, ploidy, n, out);
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using Words16 = hn::ScalableTag<uint16_t>;
using Bytes = hn::Repartition<uint8_t, Words16>;
using VWords16 = hn::Vec<Words16>;

/// All bits of the samples that are missing.
HWY_INLINE VWords16 MissingOf(const uint8_t* ploidy) {
  const Words16 d;
  const hn::RebindToSigned<Words16> d_signed;
  const hn::Rebind<int8_t, Words16> d_bytes;
  const auto bytes = hn::LoadU(d_bytes, reinterpret_cast<const int8_t*>(ploidy));
  return hn::BitCast(d, hn::ShiftRight<15>(hn::PromoteTo(d_signed, bytes)));
}

bool ProbabilitiesToDosagesOn(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n,
                              uint16_t* out) {
  const Words16 d;
  const Bytes d_bytes;
  const auto low_byte = hn::Set(d, 255), two = hn::Set(d, 510);
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d)), whole = n - n % lanes;
  auto largest = hn::Zero(d);
  for (uint32_t s = 0; s < whole; s += lanes) {
    const auto pair = hn::BitCast(d, hn::LoadU(d_bytes, pairs + 2 * size_t{s}));
    const auto p00 = hn::And(pair, low_byte);
    const auto sum = hn::Add(p00, hn::ShiftRight<8>(pair));
    auto value = hn::Sub(two, hn::Add(p00, sum));
    if (ploidy == nullptr) {
      largest = hn::Max(largest, sum);
    } else {
      const auto missing = MissingOf(ploidy + s);
      value = hn::Or(value, missing);
      largest = hn::Max(largest, hn::AndNot(missing, sum));
    }
    hn::StoreU(value, d, out + s);
  }
  const bool good = hn::AllTrue(d, hn::Eq(hn::Min(largest, low_byte), largest));
  return scalar::ProbabilitiesToDosages(pairs + 2 * size_t{whole},
                                        ploidy == nullptr ? nullptr : ploidy + whole, n - whole,
                                        out + whole) &&
         good;
}

void HaplotypesToDosagesOn(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out) {
  const Words16 d;
  const Bytes d_bytes;
  const auto low_byte = hn::Set(d, 255), two = hn::Set(d, 510);
  const uint32_t lanes = static_cast<uint32_t>(hn::Lanes(d)), whole = n - n % lanes;
  for (uint32_t s = 0; s < whole; s += lanes) {
    const auto pair = hn::BitCast(d, hn::LoadU(d_bytes, pairs + 2 * size_t{s}));
    auto value = hn::Sub(two, hn::Add(hn::And(pair, low_byte), hn::ShiftRight<8>(pair)));
    if (ploidy != nullptr) value = hn::Or(value, MissingOf(ploidy + s));
    hn::StoreU(value, d, out + s);
  }
  scalar::HaplotypesToDosages(pairs + 2 * size_t{whole},
                              ploidy == nullptr ? nullptr : ploidy + whole, n - whole, out + whole);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(ProbabilitiesToDosagesOn);
HWY_EXPORT(HaplotypesToDosagesOn);

bool ProbabilitiesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n,
                            uint16_t* out) {
  return HWY_DYNAMIC_DISPATCH(ProbabilitiesToDosagesOn)(pairs, ploidy, n, out);
}

void HaplotypesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(HaplotypesToDosagesOn)(pairs, ploidy, n, out);
}

}  // namespace kinflow
#endif  // HWY_ONCE
