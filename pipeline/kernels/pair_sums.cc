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

PairBits FillPairsOn(const DosageEncoding& encoding, std::span<const uint8_t* const> rows,
                     uint32_t group, ValueBytes bytes, uint32_t* pairs) {
  return scalar::FillPairs(encoding, rows, group, bytes, pairs);
}

void AddPairsOn(const PairBlock& block, std::span<const PairColumn> columns) {
  scalar::AddPairs(block, columns);
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using D32 = hn::CappedTag<uint32_t, 16>;
using V32 = hn::Vec<D32>;
using DI32 = hn::CappedTag<int32_t, 16>;
using VI32 = hn::Vec<DI32>;

constexpr uint32_t kQuarter = kLaneSamples / 4;

/// Both bits of each missing call, of two rows in the halves of each lane.
HWY_INLINE V32 MissingCalls(V32 calls) {
  const V32 both = hn::And(hn::And(calls, hn::ShiftRight<1>(calls)), hn::Set(D32(), 0x00550055u));
  return hn::Or(both, hn::ShiftLeft<1>(both));
}

HWY_INLINE bool AnyBit(V32 v) { return !hn::AllFalse(D32(), hn::Ne(v, hn::Zero(D32()))); }

/// The Fill functions return whether a value is missing, and put 0 there.
bool FillCalls(const uint8_t* first, const uint8_t* second, uint32_t* out) {
  const D32 d;
  const hn::Rebind<uint8_t, D32> d8;
  const V32 three = hn::Set(d, 0x00030003u);
  V32 any = hn::Zero(d);
  for (uint32_t at = 0; at < kQuarter; at += hn::Lanes(d)) {
    const V32 a = hn::PromoteTo(d, hn::LoadU(d8, first + at));
    const V32 b = hn::PromoteTo(d, hn::LoadU(d8, second + at));
    const V32 both = hn::Or(a, hn::ShiftLeft<16>(b)), missing = MissingCalls(both);
    const V32 calls = hn::AndNot(missing, both);
    any = hn::Or(any, missing);
    hn::Store(hn::And(calls, three), d, out + at);
    hn::Store(hn::And(hn::ShiftRight<2>(calls), three), d, out + kQuarter + at);
    hn::Store(hn::And(hn::ShiftRight<4>(calls), three), d, out + 2 * kQuarter + at);
    hn::Store(hn::And(hn::ShiftRight<6>(calls), three), d, out + 3 * kQuarter + at);
  }
  return AnyBit(any);
}

/// Four bytes of a row in each lane, missing ones 0; `any` gathers where values are missing.
HWY_INLINE V32 CalledBytes(const uint8_t* row, V32& any) {
  const hn::Repartition<uint8_t, D32> d8;
  const auto values = hn::LoadU(d8, row);
  const auto missing = hn::VecFromMask(d8, hn::Eq(values, hn::Set(d8, 255)));
  any = hn::Or(any, hn::BitCast(D32(), missing));
  return hn::BitCast(D32(), hn::AndNot(missing, values));
}

bool FillBytes(const uint8_t* first, const uint8_t* second, uint32_t* out) {
  const D32 d;
  const V32 low = hn::Set(d, 0x000000FFu), high = hn::Set(d, 0x00FF0000u);
  V32 any = hn::Zero(d);
  for (uint32_t at = 0; at < kQuarter; at += hn::Lanes(d)) {
    const V32 a = CalledBytes(first + 4 * at, any), b = CalledBytes(second + 4 * at, any);
    const auto put = [&](uint32_t k, V32 of_a, V32 of_b) HWY_ATTR {
      hn::Store(hn::Or(hn::And(of_a, low), hn::And(of_b, high)), d, out + k * kQuarter + at);
    };
    put(0, a, hn::ShiftLeft<16>(b));
    put(1, hn::ShiftRight<8>(a), hn::ShiftLeft<8>(b));
    put(2, hn::ShiftRight<16>(a), b);
    put(3, hn::ShiftRight<24>(a), hn::ShiftRight<8>(b));
  }
  return AnyBit(any);
}

/// Bytes of 64 values of a u16 row, missing ones 0.
bool BytesOf(const uint16_t* row, ValueBytes bytes, uint8_t* out) {
  uint32_t missing = 0;
  for (uint32_t s = 0; s < kLaneSamples; ++s) {
    missing |= row[s] == 65535 ? 1u : 0u;
    const auto value = static_cast<uint16_t>(row[s] == 65535 ? 0 : row[s]);
    out[s] = static_cast<uint8_t>(bytes == ValueBytes::kLow ? value & 255 : value >> 8);
  }
  return missing != 0;
}

/// The same as FillBytes, but 255 is a value.
void FillWholeBytes(const uint8_t* first, const uint8_t* second, uint32_t* out) {
  for (uint32_t b = 0; b < kQuarter; ++b) {
    for (uint32_t k = 0; k < 4; ++k) {
      out[k * kQuarter + b] = first[4 * b + k] | static_cast<uint32_t>(second[4 * b + k]) << 16;
    }
  }
}

bool FillWords(const uint16_t* first, const uint16_t* second, ValueBytes bytes, uint32_t* out) {
  alignas(64) uint8_t a[kLaneSamples], b[kLaneSamples];
  const bool of_first = BytesOf(first, bytes, a), of_second = BytesOf(second, bytes, b);
  FillWholeBytes(a, b, out);
  return of_first || of_second;
}

PairBits FillPairsOn(const DosageEncoding& encoding, std::span<const uint8_t* const> rows,
                     uint32_t group, ValueBytes bytes, uint32_t* pairs) {
  alignas(64) static constexpr uint8_t kNothing[2 * kLaneSamples] = {};  // beside an odd last row
  // A group of 64 takes so many bytes of a row.
  const size_t group_bytes = encoding.RowBytes(kLaneSamples);
  PairBits missing{};
  for (size_t p = 0; 2 * p < rows.size(); ++p, pairs += kLaneSamples) {
    const uint8_t* first = rows[2 * p] + group * group_bytes;
    const uint8_t* second =
        2 * p + 1 < rows.size() ? rows[2 * p + 1] + group * group_bytes : kNothing;
    bool any = false;
    switch (encoding.layout) {
      case DosageEncoding::Layout::kTwoBit:
        any = FillCalls(first, second, pairs);
        break;
      case DosageEncoding::Layout::kU8:
        any = FillBytes(first, second, pairs);
        break;
      case DosageEncoding::Layout::kU16:
        any = FillWords(reinterpret_cast<const uint16_t*>(first),
                        reinterpret_cast<const uint16_t*>(second), bytes, pairs);
        break;
    }
    missing[p / 64] |= uint64_t{any} << (p % 64);
  }
  return missing;
}

/// sum + a.first x b.first + a.second x b.second, lane by lane.
HWY_INLINE VI32 MultiplyAdd(V32 a, V32 b, VI32 sum) {
  const hn::Repartition<int16_t, D32> d16;
#if HWY_TARGET == HWY_AVX3_DL && HWY_COMPILER_GCC_ACTUAL
  // By name: of the intrinsic GCC 12 makes a copy of the sum before and behind each of them.
  asm("vpdpwssd %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
  return sum;
#else
  VI32 unused = hn::Zero(DI32());  // on x86 all products stay in their lane
  return hn::ReorderWidenMulAccumulate(DI32(), hn::BitCast(d16, a), hn::BitCast(d16, b), sum,
                                       unused);
#endif
}

/// sums[i] += values << shift.
HWY_INLINE void AddShifted(VI32 values, uint32_t shift, uint64_t* sums) {
  const hn::Half<DI32> half;
  const hn::Repartition<int64_t, DI32> d64;
  const auto add = [&](hn::Vec<decltype(half)> part, uint64_t* to) HWY_ATTR {
    auto* out = reinterpret_cast<int64_t*>(to);
    const auto wide = hn::ShiftLeftSame(hn::PromoteTo(d64, part), static_cast<int>(shift));
    hn::StoreU(hn::Add(hn::LoadU(d64, out), wide), d64, out);
  };
  add(hn::LowerHalf(half, values), sums);
  add(hn::UpperHalf(half, values), sums + hn::Lanes(d64));
}

constexpr size_t kVectors = 4;   // of values, whose sums stay in registers
constexpr size_t kTogether = 3;  // columns whose sums do as well

/// The sums of four vectors of lanes from `at` on.
HWY_INLINE void AddFour(const PairColumn& column, size_t at, VI32 s0, VI32 s1, VI32 s2, VI32 s3) {
  const size_t lanes = hn::Lanes(DI32());
  uint64_t* sums = column.sums + at;
  AddShifted(s0, column.shift, sums);
  AddShifted(s1, column.shift, sums + lanes);
  AddShifted(s2, column.shift, sums + 2 * lanes);
  AddShifted(s3, column.shift, sums + 3 * lanes);
}

void AddOne(const PairBlock& block, const PairColumn& column) {
  const D32 d;
  const size_t lanes = hn::Lanes(d);
  const PairDigit& digit = *column.digit;
  for (size_t at = 0; at < kLaneSamples; at += kVectors * lanes) {
    VI32 s0 = hn::Zero(DI32()), s1 = s0, s2 = s0, s3 = s0;
    for (size_t k = 0; k < digit.pairs.size(); ++k) {
      const uint32_t* x = block.pair(digit.pairs[k]) + at;
      const V32 w = hn::Set(d, digit.values[k]);
      s0 = MultiplyAdd(hn::Load(d, x), w, s0);
      s1 = MultiplyAdd(hn::Load(d, x + lanes), w, s1);
      s2 = MultiplyAdd(hn::Load(d, x + 2 * lanes), w, s2);
      s3 = MultiplyAdd(hn::Load(d, x + 3 * lanes), w, s3);
    }
    AddFour(column, at, s0, s1, s2, s3);
  }
}

/// Three columns with all pairs: enough sums to hide how long one takes. Each has a name, for of
/// arrays compilers keep copies in memory.
void AddThree(const PairBlock& block, const PairColumn* const* columns) {
  const D32 d;
  const size_t lanes = hn::Lanes(d);
  const uint32_t* of_a = columns[0]->digit->values.data();
  const uint32_t* of_b = columns[1]->digit->values.data();
  const uint32_t* of_c = columns[2]->digit->values.data();
  for (size_t at = 0; at < kLaneSamples; at += kVectors * lanes) {
    const VI32 zero = hn::Zero(DI32());
    VI32 a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero,
         c0 = zero, c1 = zero, c2 = zero, c3 = zero;
    for (uint32_t p = 0; p < block.pairs(); ++p) {
      const uint32_t* x = block.pair(p) + at;
      const V32 a = hn::Set(d, of_a[p]), b = hn::Set(d, of_b[p]), c = hn::Set(d, of_c[p]);
      const V32 x0 = hn::Load(d, x), x1 = hn::Load(d, x + lanes);
      const V32 x2 = hn::Load(d, x + 2 * lanes), x3 = hn::Load(d, x + 3 * lanes);
      a0 = MultiplyAdd(x0, a, a0), b0 = MultiplyAdd(x0, b, b0), c0 = MultiplyAdd(x0, c, c0);
      a1 = MultiplyAdd(x1, a, a1), b1 = MultiplyAdd(x1, b, b1), c1 = MultiplyAdd(x1, c, c1);
      a2 = MultiplyAdd(x2, a, a2), b2 = MultiplyAdd(x2, b, b2), c2 = MultiplyAdd(x2, c, c2);
      a3 = MultiplyAdd(x3, a, a3), b3 = MultiplyAdd(x3, b, b3), c3 = MultiplyAdd(x3, c, c3);
    }
    AddFour(*columns[0], at, a0, a1, a2, a3);
    AddFour(*columns[1], at, b0, b1, b2, b3);
    AddFour(*columns[2], at, c0, c1, c2, c3);
  }
}

void AddPairsOn(const PairBlock& block, std::span<const PairColumn> columns) {
  const PairColumn* dense[kTogether];
  size_t n = 0;
  for (const PairColumn& column : columns) {
    if (column.digit->pairs.size() < block.pairs()) {
      AddOne(block, column);
      continue;
    }
    dense[n++] = &column;
    if (n < kTogether) continue;
    AddThree(block, dense);
    n = 0;
  }
  for (size_t i = 0; i < n; ++i) AddOne(block, *dense[i]);
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
  pairs_ = static_cast<uint32_t>((rows.size() + 1) / 2);
  missing_ = HWY_DYNAMIC_DISPATCH(FillPairsOn)(encoding, rows, group, bytes,
                                               reinterpret_cast<uint32_t*>(values_.data()));
}

void AddPairs(const PairBlock& block, std::span<const PairColumn> columns) {
  HWY_DYNAMIC_DISPATCH(AddPairsOn)(block, columns);
}

}  // namespace kinflow
#endif  // HWY_ONCE
