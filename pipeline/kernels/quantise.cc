#include "pipeline/kernels/quantise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/quantise.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

uint32_t FloatsToUnitsOn(const char* floats, uint32_t n, const GridRule& rule, uint16_t* out) {
  return scalar::FloatsToUnits(floats, n, rule, out);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

uint32_t FloatsToUnitsOn(const char* floats, uint32_t n, const GridRule& rule, uint16_t* out) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> d_float;
  const hn::Rebind<int32_t, decltype(d)> d_int;
  const hn::Rebind<uint16_t, decltype(d)> d_out;
  const auto lowest = hn::Set(d, -rule.tolerance), highest = hn::Set(d, 2 + rule.tolerance);
  const auto units = hn::Set(d, rule.units), half = hn::Set(d, 0.5), zero = hn::Zero(d);
  const auto off_grid = hn::Set(d, rule.exact ? rule.tolerance * rule.units : 1.0);
  const auto top = hn::Set(d_int, static_cast<int32_t>(2 * rule.units));
  const auto lanes = static_cast<uint32_t>(hn::Lanes(d)), whole = n - n % lanes;
  for (uint32_t i = 0; i < whole; i += lanes) {
    // Unaligned bytes of floats: LoadU takes any address.
    const auto x = hn::PromoteTo(
        d, hn::LoadU(d_float, reinterpret_cast<const float*>(floats + 4 * size_t{i})));
    const auto scaled = hn::Max(hn::Mul(x, units), zero);
    const auto nearest = hn::DemoteTo(d_int, hn::Add(scaled, half));
    const auto rest = hn::Abs(hn::Sub(scaled, hn::PromoteTo(d, nearest)));
    const auto good =
        hn::And(hn::And(hn::Ge(x, lowest), hn::Le(x, highest)), hn::Le(rest, off_grid));
    if (!hn::AllTrue(d, good)) return i;
    hn::StoreU(hn::DemoteTo(d_out, hn::Min(nearest, top)), d_out, out + i);
  }
  return whole + scalar::FloatsToUnits(floats + 4 * size_t{whole}, n - whole, rule, out + whole);
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(FloatsToUnitsOn);

uint32_t FloatsToUnits(const char* floats, uint32_t n, const GridRule& rule, uint16_t* out) {
  return HWY_DYNAMIC_DISPATCH(FloatsToUnitsOn)(floats, n, rule, out);
}

}  // namespace kinflow
#endif  // HWY_ONCE
