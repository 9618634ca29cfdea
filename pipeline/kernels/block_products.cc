#include "pipeline/kernels/block_products.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/block_products.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void MultiplyBlockOn(const NumberBlock& block, const float* right, size_t width, float* out) {
  scalar::MultiplyBlock(block, right, width, out);
}
void MultiplyTransposedOn(const NumberBlock& block, const float* right, size_t width, float* out) {
  scalar::MultiplyTransposed(block, right, width, out);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// Two vectors by four numbers: eight sums in flight hide the latency of an addition, and with their
// operands they fit 16 registers. Products are rounded before they are added: fused sums would
// differ between machines.

void MultiplyBlockOn(const NumberBlock& block, const float* right, size_t width, float* out) {
  const hn::CappedTag<float, kWidthUnit> d;
  const size_t lanes = hn::Lanes(d), stride = PaddedWidth(width);
  // A strip of rows stays in the nearest cache for all columns of `right`.
  for (size_t row = 0; row < block.rows; row += 2 * lanes) {
    for (size_t c = 0; c < width; c += 4) {
      auto a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      const float* at = block.values + row;
      const float* r = right + c;
      for (size_t j = 0; j < block.columns; ++j, at += block.rows, r += stride) {
        const auto a = hn::LoadU(d, at), b = hn::LoadU(d, at + lanes);
        const auto r0 = hn::Set(d, r[0]), r1 = hn::Set(d, r[1]);
        a0 = hn::Add(a0, hn::Mul(a, r0));
        b0 = hn::Add(b0, hn::Mul(b, r0));
        a1 = hn::Add(a1, hn::Mul(a, r1));
        b1 = hn::Add(b1, hn::Mul(b, r1));
        const auto r2 = hn::Set(d, r[2]), r3 = hn::Set(d, r[3]);
        a2 = hn::Add(a2, hn::Mul(a, r2));
        b2 = hn::Add(b2, hn::Mul(b, r2));
        a3 = hn::Add(a3, hn::Mul(a, r3));
        b3 = hn::Add(b3, hn::Mul(b, r3));
      }
      const auto put = [&](size_t k, auto upper, auto lower) HWY_ATTR {
        float* to = out + (c + k) * block.rows + row;
        hn::StoreU(upper, d, to);
        hn::StoreU(lower, d, to + lanes);
      };
      put(0, a0, b0);
      put(1, a1, b1);
      put(2, a2, b2);
      put(3, a3, b3);
    }
  }
}

void MultiplyTransposedOn(const NumberBlock& block, const float* right, size_t width, float* out) {
  const hn::CappedTag<float, kWidthUnit> d;
  const size_t lanes = hn::Lanes(d), stride = PaddedWidth(width);
  // Two vectors of columns of `right`; the last may stand alone and is then multiplied twice.
  for (size_t c = 0; c < stride; c += 2 * lanes) {
    const size_t second = c + lanes < stride ? lanes : 0;
    for (size_t j = 0; j < block.columns; j += 4) {
      const size_t more = block.columns - j - 1;
      const auto column = [&](size_t k) HWY_ATTR {
        return block.values + (j + (k < more ? k : more)) * block.rows;
      };
      const float *p0 = column(0), *p1 = column(1), *p2 = column(2), *p3 = column(3);
      auto a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      const float* r = right + c;
      for (size_t row = 0; row < block.rows; ++row, r += stride) {
        const auto a = hn::LoadU(d, r), b = hn::LoadU(d, r + second);
        const auto v0 = hn::Set(d, p0[row]), v1 = hn::Set(d, p1[row]);
        a0 = hn::Add(a0, hn::Mul(a, v0));
        b0 = hn::Add(b0, hn::Mul(b, v0));
        a1 = hn::Add(a1, hn::Mul(a, v1));
        b1 = hn::Add(b1, hn::Mul(b, v1));
        const auto v2 = hn::Set(d, p2[row]), v3 = hn::Set(d, p3[row]);
        a2 = hn::Add(a2, hn::Mul(a, v2));
        b2 = hn::Add(b2, hn::Mul(b, v2));
        a3 = hn::Add(a3, hn::Mul(a, v3));
        b3 = hn::Add(b3, hn::Mul(b, v3));
      }
      const auto put = [&](size_t k, auto left, auto next) HWY_ATTR {
        if (k > more) return;
        float* to = out + (j + k) * stride + c;
        hn::StoreU(left, d, to);
        hn::StoreU(next, d, to + second);
      };
      put(0, a0, b0);
      put(1, a1, b1);
      put(2, a2, b2);
      put(3, a3, b3);
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(MultiplyBlockOn);
HWY_EXPORT(MultiplyTransposedOn);

void MultiplyBlock(const NumberBlock& block, const float* right, size_t width, float* out) {
  HWY_DYNAMIC_DISPATCH(MultiplyBlockOn)(block, right, width, out);
}

void MultiplyTransposed(const NumberBlock& block, const float* right, size_t width, float* out) {
  HWY_DYNAMIC_DISPATCH(MultiplyTransposedOn)(block, right, width, out);
}

}  // namespace kinflow
#endif  // HWY_ONCE
