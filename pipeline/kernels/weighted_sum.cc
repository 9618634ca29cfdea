#include "pipeline/kernels/weighted_sum.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "pipeline/kernels/counts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pipeline/kernels/weighted_sum.cc"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace kinflow::HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

void AddWeightedRowsOn(const DosageEncoding& encoding, std::span<const WeightedRow> rows,
                       Range samples, double* const* acc) {
  scalar::AddWeightedRows(encoding, rows, samples, acc);
}

#else

namespace hn = hwy::HWY_NAMESPACE;
using Doubles = hn::CappedTag<double, 8>;
using VDoubles = hn::Vec<Doubles>;

constexpr size_t kChunk = 256;   // samples whose accumulators stay in the first-level cache
constexpr size_t kTogether = 4;  // rows added between one load and store of an accumulator

/// Turns two-bit calls into doubles by a table of four values; starts at samples divisible by 4.
class Lookup {
 public:
  explicit Lookup(const double (&values)[4]) {
#if HWY_TARGET <= HWY_AVX3
    alignas(64) const double table[8] = {values[0], values[1], values[2], values[3],
                                         values[0], values[1], values[2], values[3]};
    table_ = hn::Load(Doubles(), table);
#elif HWY_TARGET == HWY_AVX2
    table_ = hn::BitCast(hn::Full256<uint32_t>(), hn::LoadU(Doubles(), values));
#else
    for (size_t pair = 0; pair < 16; ++pair) {
      table_[2 * pair] = values[pair & 3];
      table_[2 * pair + 1] = values[pair >> 2];
    }
#endif
  }
  HWY_INLINE VDoubles At(const uint8_t* row, size_t sample) const {
    const uint8_t* at = row + sample / 4;
#if HWY_TARGET <= HWY_AVX3
    const hn::Full512<uint64_t> d;
    const auto word = hn::Set(d, static_cast<uint64_t>(at[0] | at[1] << 8));
    alignas(64) static constexpr uint64_t kShifts[8] = {0, 2, 4, 6, 8, 10, 12, 14};
    const auto index = hn::And(hn::Shr(word, hn::Load(d, kShifts)), hn::Set(d, 3));
    return hn::TableLookupLanes(table_, hn::IndicesFromVec(Doubles(), index));
#elif HWY_TARGET == HWY_AVX2
    // A double is two 32-bit lanes, 2 x call and 2 x call + 1, of the table.
    const hn::Full256<uint32_t> d;
    const auto word = hn::Set(d, static_cast<uint32_t>(*at) << 1);
    alignas(32) static constexpr uint32_t kShifts[8] = {0, 0, 2, 2, 4, 4, 6, 6};
    alignas(32) static constexpr uint32_t kHalves[8] = {0, 1, 0, 1, 0, 1, 0, 1};
    const auto twice = hn::And(hn::Shr(word, hn::Load(d, kShifts)), hn::Set(d, 6));
    const auto index = hn::Or(twice, hn::Load(d, kHalves));
    return hn::BitCast(Doubles(), hn::TableLookupLanes(table_, hn::IndicesFromVec(d, index)));
#else
    return hn::LoadU(Doubles(), table_ + 2 * ((*at >> (2 * (sample & 2))) & 15));
#endif
  }

 private:
#if HWY_TARGET <= HWY_AVX3
  VDoubles table_;
#elif HWY_TARGET == HWY_AVX2
  hn::Vec<hn::Full256<uint32_t> > table_;
#else
  double table_[32];
#endif
};

/// Values of samples [begin, begin + n) as doubles in `out`, missing replaced; begin % 4 == 0 for
/// two-bit rows. Writes up to one vector beyond n.
void ExpandRow(const DosageEncoding& encoding, const WeightedRow& row, size_t begin, size_t n,
               double* out) {
  const Doubles d;
  const hn::Rebind<int32_t, Doubles> d32;
  const size_t lanes = hn::Lanes(d);
  if (encoding.layout == DosageEncoding::Layout::kTwoBit) {
    const Lookup lookup({0, 1, 2, row.missing_value});
    for (size_t i = 0; i < n; i += lanes) hn::StoreU(lookup.At(row.data, begin + i), d, out + i);
    return;
  }
  const auto code = hn::Set(d, encoding.missing());
  const auto stand_in = hn::Set(d, row.missing_value);
  const auto store = [&](auto x32, size_t i) HWY_ATTR {
    const auto x = hn::PromoteTo(d, x32);
    hn::StoreU(hn::IfThenElse(hn::Eq(x, code), stand_in, x), d, out + i);
  };
  if (encoding.layout == DosageEncoding::Layout::kU8) {
    const hn::Rebind<uint8_t, Doubles> d8;
    const uint8_t* in = row.data + begin;
    for (size_t i = 0; i < n; i += lanes) store(hn::PromoteTo(d32, hn::LoadU(d8, in + i)), i);
  } else {
    const hn::Rebind<uint16_t, Doubles> d16;
    const uint16_t* in = reinterpret_cast<const uint16_t*>(row.data) + begin;
    for (size_t i = 0; i < n; i += lanes) store(hn::PromoteTo(d32, hn::LoadU(d16, in + i)), i);
  }
}

/// acc[i] += w[r] * x[r][i], r ascending, for the samples of one chunk.
void AddScaled(const double* x, double w, size_t n, double* acc) {
  const Doubles d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto product = hn::Mul(hn::Set(d, w), hn::LoadU(d, x + i));
    hn::StoreU(hn::Add(hn::LoadU(d, acc + i), product), d, acc + i);
  }
  for (; i < n; ++i) {
    const double product = w * x[i];
    acc[i] += product;
  }
}

/// The same for four rows and two scores, so that each value is loaded once for both scores and
/// each accumulator once for all rows.
void AddScaledTogether(const double* const (&x)[kTogether], const double (&wa)[kTogether],
                       const double (&wb)[kTogether], size_t n, double* HWY_RESTRICT acc_a,
                       double* HWY_RESTRICT acc_b) {
  const Doubles d;
  const size_t lanes = hn::Lanes(d);
  const auto a0 = hn::Set(d, wa[0]), a1 = hn::Set(d, wa[1]);
  const auto a2 = hn::Set(d, wa[2]), a3 = hn::Set(d, wa[3]);
  const auto b0 = hn::Set(d, wb[0]), b1 = hn::Set(d, wb[1]);
  const auto b2 = hn::Set(d, wb[2]), b3 = hn::Set(d, wb[3]);
  const double *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    auto sum_a = hn::LoadU(d, acc_a + i), sum_b = hn::LoadU(d, acc_b + i);
    const auto v0 = hn::LoadU(d, x0 + i), v1 = hn::LoadU(d, x1 + i);
    sum_a = hn::Add(sum_a, hn::Mul(a0, v0));
    sum_b = hn::Add(sum_b, hn::Mul(b0, v0));
    sum_a = hn::Add(sum_a, hn::Mul(a1, v1));
    sum_b = hn::Add(sum_b, hn::Mul(b1, v1));
    const auto v2 = hn::LoadU(d, x2 + i), v3 = hn::LoadU(d, x3 + i);
    sum_a = hn::Add(sum_a, hn::Mul(a2, v2));
    sum_b = hn::Add(sum_b, hn::Mul(b2, v2));
    sum_a = hn::Add(sum_a, hn::Mul(a3, v3));
    sum_b = hn::Add(sum_b, hn::Mul(b3, v3));
    hn::StoreU(sum_a, d, acc_a + i);
    hn::StoreU(sum_b, d, acc_b + i);
  }
  for (; i < n; ++i) {
    for (size_t r = 0; r < kTogether; ++r) {
      const double product_a = wa[r] * x[r][i], product_b = wb[r] * x[r][i];
      acc_a[i] += product_a;
      acc_b[i] += product_b;
    }
  }
}

/// One score over two-bit rows: the four products of a row are the table.
template <size_t kRows>
void AddLookups(const WeightedRow* rows, Range samples, double* acc) {
  const Doubles d;
  const auto lanes = static_cast<uint32_t>(hn::Lanes(d));
  double products[kRows][4];
  for (size_t r = 0; r < kRows; ++r) {
    const double w = rows[r].weights[0];
    products[r][0] = w * 0.0;
    products[r][1] = w;
    products[r][2] = w * 2.0;
    products[r][3] = w * rows[r].missing_value;
  }
  const auto add_one = [&](uint32_t s) {
    for (size_t r = 0; r < kRows; ++r) {
      acc[s] += products[r][(rows[r].data[s / 4] >> (2 * (s % 4))) & 3u];
    }
  };
  uint32_t s = samples.begin;
  for (; s < samples.end && s % 4 != 0; ++s) add_one(s);
  if constexpr (kRows == kTogether) {
    const Lookup t0(products[0]), t1(products[1]), t2(products[2]), t3(products[3]);
    const uint8_t *p0 = rows[0].data, *p1 = rows[1].data, *p2 = rows[2].data, *p3 = rows[3].data;
    for (; s + lanes <= samples.end; s += lanes) {
      auto sum = hn::LoadU(d, acc + s);
      sum = hn::Add(sum, t0.At(p0, s));
      sum = hn::Add(sum, t1.At(p1, s));
      sum = hn::Add(sum, t2.At(p2, s));
      sum = hn::Add(sum, t3.At(p3, s));
      hn::StoreU(sum, d, acc + s);
    }
  } else {
    const Lookup table(products[0]);
    for (; s + lanes <= samples.end; s += lanes) {
      hn::StoreU(hn::Add(hn::LoadU(d, acc + s), table.At(rows[0].data, s)), d, acc + s);
    }
  }
  for (; s < samples.end; ++s) add_one(s);
}

bool Groups(const WeightedRow* rows, size_t n) {
  for (size_t r = 0; r < n; ++r) {
    if (rows[r].scores != nullptr || rows[r].n_scores != rows[0].n_scores) return false;
  }
  return true;
}

/// Expands `n_rows` rows over one chunk of samples; `x` points at the chunk's first sample.
void ExpandRows(const DosageEncoding& encoding, const WeightedRow* rows, size_t n_rows, Range chunk,
                double (&buffer)[kTogether][kChunk + 16], const double* (&x)[kTogether]) {
  const uint32_t lead = encoding.layout == DosageEncoding::Layout::kTwoBit ? chunk.begin % 4 : 0;
  for (size_t r = 0; r < n_rows; ++r) {
    ExpandRow(encoding, rows[r], chunk.begin - lead, chunk.size() + lead, buffer[r]);
    x[r] = buffer[r] + lead;
  }
}

/// Adds `n_rows` rows, one or kTogether that share their accumulators, to one chunk of samples.
void AddGroup(const DosageEncoding& encoding, const WeightedRow* rows, size_t n_rows, Range chunk,
              double (&buffer)[kTogether][kChunk + 16], double* const* acc) {
  const double* x[kTogether] = {};
  ExpandRows(encoding, rows, n_rows, chunk, buffer, x);
  uint32_t k = 0;
  if (n_rows == kTogether) {
    for (; k + 2 <= rows[0].n_scores; k += 2) {
      double wa[kTogether], wb[kTogether];
      for (size_t r = 0; r < kTogether; ++r) {
        wa[r] = rows[r].weights[k];
        wb[r] = rows[r].weights[k + 1];
      }
      AddScaledTogether(x, wa, wb, chunk.size(), acc[k] + chunk.begin, acc[k + 1] + chunk.begin);
    }
  }
  for (; k < rows[0].n_scores; ++k) {
    const uint32_t slot = rows[0].scores == nullptr ? k : rows[0].scores[k];
    for (size_t r = 0; r < n_rows; ++r) {
      AddScaled(x[r], rows[r].weights[k], chunk.size(), acc[slot] + chunk.begin);
    }
  }
}

void AddWeightedRowsOn(const DosageEncoding& encoding, std::span<const WeightedRow> rows,
                       Range samples, double* const* acc) {
  const bool two_bit = encoding.layout == DosageEncoding::Layout::kTwoBit;
  alignas(64) double buffer[kTogether][kChunk + 16];
  for (uint32_t begin = samples.begin; begin < samples.end; begin += kChunk) {
    const Range chunk = {begin, std::min<uint32_t>(begin + kChunk, samples.end)};
    for (size_t r = 0; r < rows.size();) {
      const WeightedRow* row = rows.data() + r;
      const bool group = r + kTogether <= rows.size() && Groups(row, kTogether);
      if (two_bit && row->n_scores == 1 && row->scores == nullptr) {
        group ? AddLookups<kTogether>(row, chunk, acc[0]) : AddLookups<1>(row, chunk, acc[0]);
      } else if (row->n_scores > 0) {
        AddGroup(encoding, row, group ? kTogether : 1, chunk, buffer, acc);
      }
      r += group ? kTogether : 1;
    }
  }
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace kinflow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace kinflow {

HWY_EXPORT(AddWeightedRowsOn);

void AddWeightedRows(const DosageEncoding& encoding, std::span<const WeightedRow> rows,
                     Range samples, double* const* acc, uint32_t* const* missing) {
  HWY_DYNAMIC_DISPATCH(AddWeightedRowsOn)(encoding, rows, samples, acc);
  if (missing == nullptr) return;
  std::vector<uint32_t> absent;
  for (const WeightedRow& row : rows) {
    if (row.n_scores == 0) continue;
    absent.clear();
    AppendMissing(encoding, row.data, samples, absent);
    for (uint32_t k = 0; k < row.n_scores; ++k) {
      uint32_t* counter = missing[row.scores == nullptr ? k : row.scores[k]];
      for (const uint32_t s : absent) ++counter[s];
    }
  }
}

}  // namespace kinflow
#endif  // HWY_ONCE
