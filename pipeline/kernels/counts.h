#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

// Counting over genotype rows. Rows are those of a DosageTile: readable up to the next multiple of
// 64 bytes. Two-bit rows hold 0, 1, 2 copies of ALT or 3 = missing, lowest bits first.

struct CallCounts {
  uint32_t hom_ref = 0, het = 0, hom_alt = 0, missing = 0;

  uint32_t called() const { return hom_ref + het + hom_alt; }
  uint32_t total() const { return called() + missing; }
  CallCounts& operator+=(const CallCounts& o);
  CallCounts operator-(const CallCounts& o) const;
  bool operator==(const CallCounts&) const = default;
};

/// A subset of the samples in the two forms the kernels read. Immutable; zero-padded.
class SampleMask {
 public:
  /// `chosen`: one byte a sample, 0 = not in the subset.
  explicit SampleMask(std::span<const uint8_t> chosen);
  uint32_t samples() const { return samples_; }
  uint32_t count() const { return count_; }
  const uint8_t* two_bit() const { return two_bit_.data(); }  // 01 for each chosen sample
  const uint8_t* bytes() const { return bytes_.data(); }      // 255 for each chosen sample

 private:
  uint32_t samples_, count_ = 0;
  AlignedBuffer two_bit_, bytes_;
};

/// Calls of a two-bit row among the samples of `mask`.
CallCounts CountCalls(const uint8_t* row, const SampleMask& mask);

/// Exact sums over the non-missing values of a row, in stored units.
struct DosageSums {
  uint32_t called = 0;
  uint64_t sum = 0, sum_squares = 0;
  bool operator==(const DosageSums&) const = default;
};
/// u8 and u16 rows, of values up to 2 x units_per_copy or missing.
DosageSums SumDosages(const DosageEncoding& encoding, const uint8_t* row, const SampleMask& mask);

/// Largest distance in stored units from a whole number of copies at which a dosage counts as a
/// hard call; `threshold` in copies, below 0.5 (plink2's --hard-call-threshold, default 0.1).
uint32_t HardCallDistance(const DosageEncoding& encoding, double threshold);

/// Hard calls of a u8 or u16 row as a two-bit row of RowBytes(n) bytes: 0, 1 or 2 within
/// `max_distance` units of a whole number, else 3. `out` is writable up to the next multiple of 64
/// bytes.
void PackCalls(const DosageEncoding& encoding, uint32_t max_distance, const uint8_t* row,
               uint32_t n_samples, uint8_t* out);

/// Counters of each sample, indexed by sample.
struct CallCounters {
  uint32_t* het = nullptr;
  uint32_t* hom_alt = nullptr;
  uint32_t* missing = nullptr;
};
/// Adds the calls of two-bit `rows` to the counters of `samples`; others are not touched.
void AddCallCounts(std::span<const uint8_t* const> rows, Range samples,
                   const CallCounters& counters);

/// Appends the samples of `samples` whose value is missing, ascending.
void AppendMissing(const DosageEncoding& encoding, const uint8_t* row, Range samples,
                   std::vector<uint32_t>& out);

/// Plain C++ twins of the vector code: the reference in tests, the fallback on unknown machines.
namespace scalar {
CallCounts CountCalls(const uint8_t* row, const uint8_t* mask, size_t bytes);
DosageSums SumDosages(const DosageEncoding& encoding, const uint8_t* row, const uint8_t* mask,
                      uint32_t n_samples);
void PackCalls(const DosageEncoding& encoding, uint32_t max_distance, const uint8_t* row,
               uint32_t n_samples, uint8_t* out);
void AddCallCounts(std::span<const uint8_t* const> rows, Range samples,
                   const CallCounters& counters);
}  // namespace scalar

}  // namespace kinflow
