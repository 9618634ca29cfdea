#include "pipeline/kernels/pair_sums.h"

#include <cstring>

// Machines that multiply and add 16-bit lanes in one instruction.
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/pair_sums.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

// Machines of this target have VNNI; Highway 1.0 does not tell gcc so.
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
HWY_PUSH_ATTRIBUTES("avx512vnni")
#endif

// Elsewhere Highway's widening multiply-add puts its lanes in another order.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || !HWY_ARCH_X86

void FillPairsOn(const DosageEncoding& encoding, std::span<const uint8_t* const> rows,
                 uint32_t group, ValueBytes bytes, uint32_t* pairs) {
  scalar::FillPairs(encoding, rows, group, bytes, pairs);
}

void AddPairsOn(const PairBlock& block, const PairWeights& weights, uint32_t shift,
                uint64_t* sums) {
  scalar::AddPairs(block, weights, shift, sums);
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using D32 = hn::CappedTag<uint32_t, 16>;
using V32 = hn::Vec<D32>;
using DI32 = hn::CappedTag<int32_t, 16>;
using VI32 = hn::Vec<DI32>;

constexpr uint32_t kQuarter = kLaneSamples / 4;

/// Two-bit calls of both rows, in the halves of each lane: missing becomes 0.
HWY_INLINE V32 Called(V32 calls) {
  const D32 d;
  const V32 missing = hn::And(hn::And(calls, hn::ShiftRight<1>(calls)), hn::Set(d, 0x00550055u));
  return hn::AndNot(hn::Or(missing, hn::ShiftLeft<1>(missing)), calls);
}

void FillCalls(const uint8_t* first, const uint8_t* second, uint32_t* out) {
  const D32 d;
  const hn::Rebind<uint8_t, D32> d8;
  const V32 three = hn::Set(d, 0x00030003u);
  for (uint32_t at = 0; at < kQuarter; at += hn::Lanes(d)) {
    const V32 a = hn::PromoteTo(d, hn::LoadU(d8, first + at));
    const V32 b = hn::PromoteTo(d, hn::LoadU(d8, second + at));
    const V32 calls = Called(hn::Or(a, hn::ShiftLeft<16>(b)));
    hn::Store(hn::And(calls, three), d, out + at);
    hn::Store(hn::And(hn::ShiftRight<2>(calls), three), d, out + kQuarter + at);
    hn::Store(hn::And(hn::ShiftRight<4>(calls), three), d, out + 2 * kQuarter + at);
    hn::Store(hn::And(hn::ShiftRight<6>(calls), three), d, out + 3 * kQuarter + at);
  }
}

/// Four bytes of a row in each lane, missing ones 0.
HWY_INLINE V32 CalledBytes(const uint8_t* row) {
  const hn::Repartition<uint8_t, D32> d8;
  const auto values = hn::LoadU(d8, row);
  return hn::BitCast(D32(), hn::IfThenZeroElse(hn::Eq(values, hn::Set(d8, 255)), values));
}

void FillBytes(const uint8_t* first, const uint8_t* second, uint32_t* out) {
  const D32 d;
  const V32 low = hn::Set(d, 0x000000FFu), high = hn::Set(d, 0x00FF0000u);
  for (uint32_t at = 0; at < kQuarter; at += hn::Lanes(d)) {
    const V32 a = CalledBytes(first + 4 * at), b = CalledBytes(second + 4 * at);
    const auto put = [&](uint32_t k, V32 of_a, V32 of_b) HWY_ATTR {
      hn::Store(hn::Or(hn::And(of_a, low), hn::And(of_b, high)), d, out + k * kQuarter + at);
    };
    put(0, a, hn::ShiftLeft<16>(b));
    put(1, hn::ShiftRight<8>(a), hn::ShiftLeft<8>(b));
    put(2, hn::ShiftRight<16>(a), b);
    put(3, hn::ShiftRight<24>(a), hn::ShiftRight<8>(b));
  }
}

/// Bytes of 64 values of a u16 row, missing ones 0.
void BytesOf(const uint16_t* row, ValueBytes bytes, uint8_t* out) {
  for (uint32_t s = 0; s < kLaneSamples; ++s) {
    const auto value = static_cast<uint16_t>(row[s] == 65535 ? 0 : row[s]);
    out[s] = static_cast<uint8_t>(bytes == ValueBytes::kLow ? value & 255 : value >> 8);
  }
}

/// The same as FillBytes, but 255 is a value.
void FillWholeBytes(const uint8_t* first, const uint8_t* second, uint32_t* out) {
  for (uint32_t b = 0; b < kQuarter; ++b) {
    for (uint32_t k = 0; k < 4; ++k) {
      out[k * kQuarter + b] = first[4 * b + k] | static_cast<uint32_t>(second[4 * b + k]) << 16;
    }
  }
}

void FillWords(const uint16_t* first, const uint16_t* second, ValueBytes bytes, uint32_t* out) {
  alignas(64) uint8_t a[kLaneSamples], b[kLaneSamples];
  BytesOf(first, bytes, a);
  BytesOf(second, bytes, b);
  FillWholeBytes(a, b, out);
}

void FillPairsOn(const DosageEncoding& encoding, std::span<const uint8_t* const> rows,
                 uint32_t group, ValueBytes bytes, uint32_t* pairs) {
  alignas(64) static constexpr uint8_t kNothing[2 * kLaneSamples] = {};  // beside an odd last row
  for (size_t r = 0; r < rows.size(); r += 2, pairs += kLaneSamples) {
    const bool both = r + 1 < rows.size();
    switch (encoding.layout) {
      case DosageEncoding::Layout::kTwoBit:
        FillCalls(rows[r] + size_t{group} * kQuarter,
                  both ? rows[r + 1] + size_t{group} * kQuarter : kNothing, pairs);
        break;
      case DosageEncoding::Layout::kU8:
        FillBytes(rows[r] + size_t{group} * kLaneSamples,
                  both ? rows[r + 1] + size_t{group} * kLaneSamples : kNothing, pairs);
        break;
      case DosageEncoding::Layout::kU16: {
        const auto words = [&](const uint8_t* row) {
          return reinterpret_cast<const uint16_t*>(row) + size_t{group} * kLaneSamples;
        };
        FillWords(words(rows[r]),
                  both ? words(rows[r + 1]) : reinterpret_cast<const uint16_t*>(kNothing), bytes,
                  pairs);
        break;
      }
    }
  }
}

/// sum + a.first x b.first + a.second x b.second, lane by lane.
HWY_INLINE VI32 MultiplyAdd(V32 a, V32 b, VI32 sum) {
  const hn::Repartition<int16_t, D32> d16;
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
  return VI32{_mm512_dpwssd_epi32(sum.raw, a.raw, b.raw)};
#else
  VI32 unused = hn::Zero(DI32());  // on x86 all products stay in their lane
  return hn::ReorderWidenMulAccumulate(DI32(), hn::BitCast(d16, a), hn::BitCast(d16, b), sum,
                                       unused);
#endif
}

/// sums[i] += the digits' sums, each 16 bits above the one before, << shift.
template <size_t kDigits>
HWY_INLINE void AddDigits(const VI32 (&digits)[kDigits], uint32_t shift, uint64_t* sums) {
  const hn::CappedTag<int64_t, 8> d64;
  const hn::Rebind<int32_t, decltype(d64)> half;
  const size_t lanes = hn::Lanes(d64);
  alignas(64) int32_t of_digit[kDigits][16];
  for (size_t d = 0; d < kDigits; ++d) hn::Store(digits[d], DI32(), of_digit[d]);
  for (size_t i = 0; i < hn::Lanes(DI32()); i += lanes) {
    auto total = hn::PromoteTo(d64, hn::LoadU(half, of_digit[0] + i));
    if constexpr (kDigits > 1) {
      total =
          hn::Add(total, hn::ShiftLeft<16>(hn::PromoteTo(d64, hn::LoadU(half, of_digit[1] + i))));
    }
    if constexpr (kDigits > 2) {
      total =
          hn::Add(total, hn::ShiftLeft<32>(hn::PromoteTo(d64, hn::LoadU(half, of_digit[2] + i))));
    }
    auto* out = reinterpret_cast<int64_t*>(sums + i);
    hn::StoreU(hn::Add(hn::LoadU(d64, out), hn::ShiftLeftSame(total, static_cast<int>(shift))), d64,
               out);
  }
}

template <size_t kDigits>
void AddPairsOf(const PairBlock& block, const PairWeights& weights, uint32_t shift,
                uint64_t* sums) {
  const D32 d;
  const DI32 di;
  const size_t lanes = hn::Lanes(d);
  constexpr size_t kVectors = 4;  // whose sums stay in registers
  for (size_t at = 0; at < kLaneSamples; at += kVectors * lanes) {
    VI32 s0[kDigits], s1[kDigits], s2[kDigits], s3[kDigits];
    for (size_t p = 0; p < kDigits; ++p) s0[p] = s1[p] = s2[p] = s3[p] = hn::Zero(di);
    const uint32_t* digits = weights.digits.data();
    for (const uint8_t pair : weights.pairs) {
      const uint32_t* x = block.pair(pair) + at;
      const V32 x0 = hn::Load(d, x), x1 = hn::Load(d, x + lanes);
      const V32 x2 = hn::Load(d, x + 2 * lanes), x3 = hn::Load(d, x + 3 * lanes);
      HWY_UNROLL(3)
      for (size_t p = 0; p < kDigits; ++p) {
        const V32 w = hn::Set(d, digits[p]);
        s0[p] = MultiplyAdd(x0, w, s0[p]);
        s1[p] = MultiplyAdd(x1, w, s1[p]);
        s2[p] = MultiplyAdd(x2, w, s2[p]);
        s3[p] = MultiplyAdd(x3, w, s3[p]);
      }
      digits += kDigits;
    }
    AddDigits(s0, shift, sums + at);
    AddDigits(s1, shift, sums + at + lanes);
    AddDigits(s2, shift, sums + at + 2 * lanes);
    AddDigits(s3, shift, sums + at + 3 * lanes);
  }
}

void AddPairsOn(const PairBlock& block, const PairWeights& weights, uint32_t shift,
                uint64_t* sums) {
  switch (weights.n_digits) {
    case 1:
      return AddPairsOf<1>(block, weights, shift, sums);
    case 2:
      return AddPairsOf<2>(block, weights, shift, sums);
    default:
      return AddPairsOf<3>(block, weights, shift, sums);
  }
}

#endif  // HWY_TARGET == HWY_SCALAR || !HWY_ARCH_X86

#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
HWY_POP_ATTRIBUTES
#endif

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(FillPairsOn);
HWY_EXPORT(AddPairsOn);

void PairBlock::Fill(const DosageEncoding& encoding, std::span<const uint8_t* const> rows,
                     uint32_t group, ValueBytes bytes) {
  HWY_DYNAMIC_DISPATCH(FillPairsOn)
  (encoding, rows, group, bytes, reinterpret_cast<uint32_t*>(values_.data()));
}

void AddPairs(const PairBlock& block, const PairWeights& weights, uint32_t shift, uint64_t* sums) {
  HWY_DYNAMIC_DISPATCH(AddPairsOn)(block, weights, shift, sums);
}

}  // namespace kinflow
#endif  // HWY_ONCE
