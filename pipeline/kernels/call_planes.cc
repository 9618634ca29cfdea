#include "pipeline/kernels/call_planes.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/call_planes.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Eight 64 x 64 bit matrices side by side, transposed in place: m[row][matrix]. Halves of 32, 16,
/// ... 1 are swapped across the diagonal (Warren, Hacker's Delight, section 7-3).
void TransposeOn(uint64_t* m) {
  const hn::CappedTag<uint64_t, 8> d;
  const size_t lanes = hn::Lanes(d);
  uint64_t mask = 0xFFFFFFFFu;
  for (int step = 32; step != 0; step /= 2, mask ^= mask << step) {
    const auto lower = hn::Set(d, mask);
    for (int i = 0; i < 64; i = ((i | step) + 1) & ~step) {
      for (size_t lane = 0; lane < 8; lane += lanes) {
        uint64_t* a = m + i * 8 + lane;
        uint64_t* b = m + (i | step) * 8 + lane;
        const auto va = hn::LoadU(d, a), vb = hn::LoadU(d, b);
        const auto swap = hn::And(hn::Xor(hn::ShiftRightSame(va, step), vb), lower);
        hn::StoreU(hn::Xor(vb, swap), d, b);
        hn::StoreU(hn::Xor(va, hn::ShiftLeftSame(swap, step)), d, a);
      }
    }
  }
}

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(TransposeOn);

CallPlanes::CallPlanes(uint32_t n_samples)
    : samples_(n_samples), words_((n_samples / 256 + 1) * kBlockWords) {}

void CallPlanes::Fill(std::span<const uint8_t* const> rows) {
  for (uint32_t block = 0; 256 * block < samples_; ++block) {
    uint64_t* m = words_.data() + block * kBlockWords;
    for (size_t r = 0; r < rows.size(); ++r) {
      std::memcpy(m + r * kLanes, rows[r] + size_t{64} * block, 64);
    }
    std::fill(m + rows.size() * kLanes, m + kBlockWords, uint64_t{0});
    HWY_DYNAMIC_DISPATCH(TransposeOn)(m);
  }
  uint64_t* absent = words_.data() + Place(samples_);
  absent[0] = absent[kLanes] = ~uint64_t{0};
}

}  // namespace kinflow
#endif  // HWY_ONCE
