#include "pipeline/kernels/counts.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/counts.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

CallCounts CountCallsOn(const uint8_t* row, const uint8_t* mask, size_t bytes, uint32_t) {
  return scalar::CountCalls(row, mask, bytes);
}
DosageSums SumDosagesOn(const DosageEncoding& encoding, const uint8_t* row, const uint8_t* mask,
                        uint32_t n) {
  return scalar::SumDosages(encoding, row, mask, n);
}
void PackCallsOn(const DosageEncoding& encoding, uint32_t max_distance, const uint8_t* row,
                 uint32_t n, uint8_t* out) {
  scalar::PackCalls(encoding, max_distance, row, n, out);
}
void AddCallCountsOn(std::span<const uint8_t* const> rows, Range samples,
                     const CallCounters& counters) {
  scalar::AddCallCounts(rows, samples, counters);
}

#else

namespace hn = hwy::HWY_NAMESPACE;
// Rows are readable to a multiple of 64 bytes, so no vector is wider.
using Bytes = hn::CappedTag<uint8_t, 64>;
using Words16 = hn::Repartition<uint16_t, Bytes>;
using Words32 = hn::Repartition<uint32_t, Bytes>;
using Words64 = hn::Repartition<uint64_t, Bytes>;
using VBytes = hn::Vec<Bytes>;

/// Each byte shifted right; bits of the neighbour enter at the top and must be masked off.
template <int kBits>
HWY_INLINE VBytes ShiftDown(VBytes v) {
  return hn::BitCast(Bytes(), hn::ShiftRight<kBits>(hn::BitCast(Words64(), v)));
}

HWY_INLINE uint64_t Total(hn::Vec<Words64> v) { return hn::GetLane(hn::SumOfLanes(Words64(), v)); }

/// Sum of all 32-bit lanes, without overflow.
HWY_INLINE hn::Vec<Words64> Widen(hn::Vec<Words32> v) {
  const auto wide = hn::BitCast(Words64(), v);
  return hn::Add(hn::And(wide, hn::Set(Words64(), 0xFFFFFFFFu)), hn::ShiftRight<32>(wide));
}

CallCounts CountCallsOn(const uint8_t* row, const uint8_t* mask, size_t bytes, uint32_t chosen) {
  const Bytes d;
  const size_t lanes = hn::Lanes(d);
  auto low_total = hn::Zero(Words64()), high_total = low_total, both_total = low_total;
  for (size_t i = 0; i < bytes;) {
    // At most 4 bits a byte and step: 63 steps fit a byte.
    const size_t end = std::min(bytes, i + 63 * lanes);
    auto lows = hn::Zero(d), highs = lows, boths = lows;
    for (; i < end; i += lanes) {
      const auto x = hn::LoadU(d, row + i), m = hn::LoadU(d, mask + i);
      const auto low = hn::And(x, m), high = hn::And(ShiftDown<1>(x), m);
      lows = hn::Add(lows, hn::PopulationCount(low));
      highs = hn::Add(highs, hn::PopulationCount(high));
      boths = hn::Add(boths, hn::PopulationCount(hn::And(low, high)));
    }
    low_total = hn::Add(low_total, hn::SumsOf8(lows));
    high_total = hn::Add(high_total, hn::SumsOf8(highs));
    both_total = hn::Add(both_total, hn::SumsOf8(boths));
  }
  CallCounts counts;
  counts.missing = static_cast<uint32_t>(Total(both_total));
  counts.het = static_cast<uint32_t>(Total(low_total)) - counts.missing;
  counts.hom_alt = static_cast<uint32_t>(Total(high_total)) - counts.missing;
  counts.hom_ref = chosen - counts.missing - counts.het - counts.hom_alt;
  return counts;
}

DosageSums SumBytes(const uint8_t* row, const uint8_t* mask, uint32_t n) {
  const Bytes d;
  const Words16 d16;
  const Words32 d32;
  const size_t lanes = hn::Lanes(d);
  const auto missing = hn::Set(d, 255);
  const auto byte_of_16 = hn::Set(d16, 255);
  const auto half_of_32 = hn::Set(d32, 65535);
  auto called = hn::Zero(Words64()), sum = called, squares = called;
  for (size_t i = 0; i < n;) {
    const size_t end = std::min<size_t>((n + lanes - 1) / lanes * lanes, i + 255 * lanes);
    auto ones = hn::Zero(d);
    auto squares32 = hn::Zero(d32);
    for (; i < end; i += lanes) {
      const auto x = hn::LoadU(d, row + i), m = hn::LoadU(d, mask + i);
      const auto chosen = hn::AndNot(hn::VecFromMask(d, hn::Eq(x, missing)), m);
      const auto v = hn::And(x, chosen);
      ones = hn::Sub(ones, chosen);
      sum = hn::Add(sum, hn::SumsOf8(v));
      const auto even = hn::And(hn::BitCast(d16, v), byte_of_16);
      const auto odd = hn::ShiftRight<8>(hn::BitCast(d16, v));
      for (const auto& part : {hn::Mul(even, even), hn::Mul(odd, odd)}) {
        const auto wide = hn::BitCast(d32, part);
        squares32 = hn::Add(squares32, hn::And(wide, half_of_32));
        squares32 = hn::Add(squares32, hn::ShiftRight<16>(wide));
      }
    }
    called = hn::Add(called, hn::SumsOf8(ones));
    squares = hn::Add(squares, Widen(squares32));
  }
  return {static_cast<uint32_t>(Total(called)), Total(sum), Total(squares)};
}

DosageSums SumWords(const uint16_t* row, const uint8_t* mask, uint32_t n) {
  const Words16 d;
  const Words32 d32;
  const hn::Rebind<int8_t, Words16> d_mask;
  const hn::RebindToSigned<Words16> d_signed;
  const size_t lanes = hn::Lanes(d);
  const auto missing = hn::Set(d, 65535);
  const auto half_of_32 = hn::Set(d32, 65535);
  auto called = hn::Zero(Words64()), sum = called, squares = called;
  for (size_t i = 0; i < n;) {
    const size_t end = std::min<size_t>((n + lanes - 1) / lanes * lanes, i + 16384 * lanes);
    auto ones32 = hn::Zero(d32), sum32 = ones32;
    for (; i < end; i += lanes) {
      const auto x = hn::LoadU(d, row + i);
      const auto m8 = hn::LoadU(d_mask, reinterpret_cast<const int8_t*>(mask) + i);
      const auto m = hn::BitCast(d, hn::PromoteTo(d_signed, m8));
      const auto chosen = hn::AndNot(hn::VecFromMask(d, hn::Eq(x, missing)), m);
      const auto v = hn::BitCast(d32, hn::And(x, chosen));
      const auto one = hn::BitCast(d32, hn::And(chosen, hn::Set(d, 1)));
      const auto even = hn::And(v, half_of_32), odd = hn::ShiftRight<16>(v);
      ones32 = hn::Add(ones32, hn::Add(hn::And(one, half_of_32), hn::ShiftRight<16>(one)));
      sum32 = hn::Add(sum32, hn::Add(even, odd));
      squares = hn::Add(squares, Widen(hn::Mul(even, even)));
      squares = hn::Add(squares, Widen(hn::Mul(odd, odd)));
    }
    called = hn::Add(called, Widen(ones32));
    sum = hn::Add(sum, Widen(sum32));
  }
  return {static_cast<uint32_t>(Total(called)), Total(sum), Total(squares)};
}

/// The same for values up to `largest`, of 15 bits: pairs of products are summed in one step.
DosageSums SumShortWords(const uint16_t* row, const uint8_t* mask, uint32_t n, uint32_t largest) {
  const Words16 d;
  const hn::Rebind<int8_t, Words16> d_mask;
  const hn::RebindToSigned<Words16> d_signed;
  const hn::RebindToSigned<Words32> d_signed32;
  const size_t lanes = hn::Lanes(d);
  const auto missing = hn::Set(d_signed, -1), one = hn::Set(d_signed, 1);
  // Steps until 32 bits could overflow.
  const size_t steps = std::clamp<size_t>(0xFFFFFFFFu / (2 * largest * largest), 1, 16384);
  auto called = hn::Zero(Words64()), sum = called, squares = called;
  for (size_t i = 0; i < n;) {
    const size_t end = std::min<size_t>((n + lanes - 1) / lanes * lanes, i + steps * lanes);
    auto called16 = hn::Zero(d_signed);
    auto sum_a = hn::Zero(d_signed32), sum_b = sum_a, squares_a = sum_a, squares_b = sum_a;
    for (; i < end; i += lanes) {
      const auto x = hn::BitCast(d_signed, hn::LoadU(d, row + i));
      const auto m8 = hn::LoadU(d_mask, reinterpret_cast<const int8_t*>(mask) + i);
      const auto is_missing = hn::VecFromMask(d_signed, hn::Eq(x, missing));
      const auto chosen = hn::AndNot(is_missing, hn::PromoteTo(d_signed, m8));
      const auto v = hn::And(x, chosen);
      called16 = hn::Sub(called16, chosen);
      sum_a = hn::ReorderWidenMulAccumulate(d_signed32, v, one, sum_a, sum_b);
      squares_a = hn::ReorderWidenMulAccumulate(d_signed32, v, v, squares_a, squares_b);
    }
    const auto flush = [](auto& total, auto part) {
      total = hn::Add(total, Widen(hn::BitCast(Words32(), part)));
    };
    auto called_b = hn::Zero(d_signed32);
    flush(called, hn::ReorderWidenMulAccumulate(d_signed32, called16, one, called_b, called_b));
    flush(called, called_b);
    flush(sum, sum_a);
    flush(sum, sum_b);
    flush(squares, squares_a);
    flush(squares, squares_b);
  }
  return {static_cast<uint32_t>(Total(called)), Total(sum), Total(squares)};
}

DosageSums SumDosagesOn(const DosageEncoding& encoding, const uint8_t* row, const uint8_t* mask,
                        uint32_t n) {
  if (encoding.layout != DosageEncoding::Layout::kU16) return SumBytes(row, mask, n);
  const auto* words = reinterpret_cast<const uint16_t*>(row);
  const uint32_t largest = 2 * encoding.units_per_copy;
  return largest < 32768 ? SumShortWords(words, mask, n, largest) : SumWords(words, mask, n);
}

/// Calls of one vector of stored values, one a lane: 0..3.
template <class D>
class Caller {
 public:
  using T = hn::TFromD<D>;
  Caller(D d, const DosageEncoding& encoding, uint32_t distance) : d_(d) {
    for (uint32_t copies = 0; copies <= 2; ++copies) {
      const uint32_t whole = copies * encoding.units_per_copy;
      const uint32_t first = copies == 0 ? 0 : whole - distance;
      const uint32_t last = std::min(whole + distance, encoding.missing() - 1);
      first_[copies] = static_cast<T>(first);
      span_[copies] = static_cast<T>(last - first);
    }
  }
  HWY_INLINE hn::Vec<D> Call(hn::Vec<D> x) const {
    const auto is1 = Within(x, 1), is2 = Within(x, 2);
    const auto known = hn::Or(hn::And(is1, hn::Set(d_, 1)), hn::And(is2, hn::Set(d_, 2)));
    const auto other = hn::AndNot(hn::Or(is1, is2), hn::Set(d_, 3));
    return hn::AndNot(Within(x, 0), hn::Or(known, other));
  }

 private:
  HWY_INLINE hn::Vec<D> Within(hn::Vec<D> x, int copies) const {
    const auto above = hn::Sub(x, hn::Set(d_, first_[copies]));
    const auto span = hn::Set(d_, span_[copies]);
    return hn::VecFromMask(d_, hn::Eq(hn::Min(above, span), above));
  }
  D d_;
  T first_[3], span_[3];
};

void PackBytes(const Caller<Bytes>& caller, const uint8_t* row, uint32_t n, uint8_t* out) {
  const Words32 d32;
  const hn::Rebind<uint8_t, Words32> d_out;
  const size_t lanes = hn::Lanes(Bytes());
  for (size_t i = 0; i < n; i += lanes) {
    const auto c = hn::BitCast(d32, caller.Call(hn::LoadU(Bytes(), row + i)));
    const auto packed = hn::Or(hn::Or(c, hn::ShiftRight<6>(c)),
                               hn::Or(hn::ShiftRight<12>(c), hn::ShiftRight<18>(c)));
    hn::StoreU(hn::TruncateTo(d_out, packed), d_out, out + i / 4);
  }
}

void PackWords(const Caller<Words16>& caller, const uint16_t* row, uint32_t n, uint8_t* out) {
  const Words64 d64;
  const hn::Rebind<uint8_t, Words64> d_out;
  const size_t lanes = hn::Lanes(Words16());
  for (size_t i = 0; i < n; i += lanes) {
    const auto c = hn::BitCast(d64, caller.Call(hn::LoadU(Words16(), row + i)));
    const auto packed = hn::Or(hn::Or(c, hn::ShiftRight<14>(c)),
                               hn::Or(hn::ShiftRight<28>(c), hn::ShiftRight<42>(c)));
    hn::StoreU(hn::TruncateTo(d_out, packed), d_out, out + i / 4);
  }
}

void PackCallsOn(const DosageEncoding& encoding, uint32_t max_distance, const uint8_t* row,
                 uint32_t n, uint8_t* out) {
  if (encoding.layout == DosageEncoding::Layout::kU16) {
    const Caller<Words16> caller(Words16(), encoding, max_distance);
    PackWords(caller, reinterpret_cast<const uint16_t*>(row), n, out);
  } else {
    PackBytes(Caller<Bytes>(Bytes(), encoding, max_distance), row, n, out);
  }
}

/// Counts of one category for the samples of one vector of bytes: fields of 2 bits take 3 rows,
/// of 4 bits 15 rows, of 8 bits 255 rows.
struct FieldCounter {
  VBytes twos, even, odd;            // even and odd: nibbles of samples 0, 2 and 1, 3
  alignas(64) uint8_t bytes[4][64];  // by sample within the byte

  HWY_INLINE FieldCounter()
      : twos(hn::Zero(Bytes())), even(hn::Zero(Bytes())), odd(hn::Zero(Bytes())) {
    std::memset(bytes, 0, sizeof bytes);
  }

  HWY_INLINE void ToNibbles() {
    const auto mask = hn::Set(Bytes(), 0x33);
    even = hn::Add(even, hn::And(twos, mask));
    odd = hn::Add(odd, hn::And(ShiftDown<2>(twos), mask));
    twos = hn::Zero(Bytes());
  }
  HWY_INLINE void ToBytes() {
    const auto mask = hn::Set(Bytes(), 0x0F);
    AddTo(bytes[0], hn::And(even, mask));
    AddTo(bytes[1], hn::And(odd, mask));
    AddTo(bytes[2], hn::And(ShiftDown<4>(even), mask));
    AddTo(bytes[3], hn::And(ShiftDown<4>(odd), mask));
    even = odd = hn::Zero(Bytes());
  }
  /// Adds to counters of samples [first, first + 4 x lanes) that lie in `samples`.
  void Flush(uint32_t first, Range samples, uint32_t* counter) {
    const Bytes d;
    HWY_ALIGN uint8_t ordered[4 * 64];
    hn::StoreInterleaved4(hn::Load(d, bytes[0]), hn::Load(d, bytes[1]), hn::Load(d, bytes[2]),
                          hn::Load(d, bytes[3]), d, ordered);
    const auto n = static_cast<uint32_t>(4 * hn::Lanes(d));
    if (first >= samples.begin && first + n <= samples.end) {
      const hn::CappedTag<uint32_t, 16> d32;
      const hn::Rebind<uint8_t, decltype(d32)> d8;
      for (size_t j = 0; j < n; j += hn::Lanes(d32)) {
        const auto added = hn::PromoteTo(d32, hn::Load(d8, ordered + j));
        hn::StoreU(hn::Add(hn::LoadU(d32, counter + first + j), added), d32, counter + first + j);
      }
    } else {
      const uint32_t begin = std::max(first, samples.begin), end = std::min(first + n, samples.end);
      for (uint32_t s = begin; s < end; ++s) counter[s] += ordered[s - first];
    }
    std::memset(bytes, 0, sizeof bytes);
  }

 private:
  static HWY_INLINE void AddTo(uint8_t* sums, VBytes v) {
    hn::Store(hn::Add(hn::Load(Bytes(), sums), v), Bytes(), sums);
  }
};

void AddCallCountsOn(std::span<const uint8_t* const> rows, Range samples,
                     const CallCounters& counters) {
  const Bytes d;
  const auto lanes = static_cast<uint32_t>(hn::Lanes(d));
  const auto fields = hn::Set(d, 0x55);
  for (uint32_t at = samples.begin / 4 / lanes * lanes; 4 * at < samples.end; at += lanes) {
    FieldCounter het, hom_alt, missing;
    for (size_t r = 0; r < rows.size();) {
      const size_t end = std::min(rows.size(), r + 255);
      while (r < end) {
        const size_t nibble_end = std::min(end, r + 15);
        while (r < nibble_end) {
          for (const size_t three_end = std::min(nibble_end, r + 3); r < three_end; ++r) {
            const auto x = hn::LoadU(d, rows[r] + at);
            const auto low = hn::And(x, fields), high = hn::And(ShiftDown<1>(x), fields);
            const auto both = hn::And(low, high);
            missing.twos = hn::Add(missing.twos, both);
            het.twos = hn::Add(het.twos, hn::Xor(low, both));
            hom_alt.twos = hn::Add(hom_alt.twos, hn::Xor(high, both));
          }
          het.ToNibbles();
          hom_alt.ToNibbles();
          missing.ToNibbles();
        }
        het.ToBytes();
        hom_alt.ToBytes();
        missing.ToBytes();
      }
      het.Flush(4 * at, samples, counters.het);
      hom_alt.Flush(4 * at, samples, counters.hom_alt);
      missing.Flush(4 * at, samples, counters.missing);
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(CountCallsOn);
HWY_EXPORT(SumDosagesOn);
HWY_EXPORT(PackCallsOn);
HWY_EXPORT(AddCallCountsOn);

CallCounts CountCalls(const uint8_t* row, const SampleMask& mask) {
  const size_t bytes = (mask.samples() + size_t{255}) / 256 * 64;
  return HWY_DYNAMIC_DISPATCH(CountCallsOn)(row, mask.two_bit(), bytes, mask.count());
}

DosageSums SumDosages(const DosageEncoding& encoding, const uint8_t* row, const SampleMask& mask) {
  return HWY_DYNAMIC_DISPATCH(SumDosagesOn)(encoding, row, mask.bytes(), mask.samples());
}

void PackCalls(const DosageEncoding& encoding, uint32_t max_distance, const uint8_t* row,
               uint32_t n_samples, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(PackCallsOn)(encoding, max_distance, row, n_samples, out);
}

void AddCallCounts(std::span<const uint8_t* const> rows, Range samples,
                   const CallCounters& counters) {
  HWY_DYNAMIC_DISPATCH(AddCallCountsOn)(rows, samples, counters);
}

}  // namespace kinflow
#endif  // HWY_ONCE
