#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/kernels/pair_sums.h"
#include "pipeline/store/h5_file.h"

namespace kinflow {

/// Counters of one group of 64 samples, of 16 or 32 bits; null: nobody counts.
struct LaneCounters {
  uint16_t* narrow = nullptr;
  uint32_t* wide = nullptr;

  explicit operator bool() const { return narrow != nullptr || wide != nullptr; }
  void Add(uint32_t lane, uint32_t n) const {
    if (narrow != nullptr) {
      narrow[lane] = static_cast<uint16_t>(narrow[lane] + n);
    } else {
      wide[lane] += n;
    }
  }
};

/// Running sums and counts of all scores and a range of samples: 8 bytes a score and sample, and
/// for each set of counts (ScoreWeights::count_of) and sample 2, or 4 of sets of more than 65,535
/// variants. Groups of 64 samples one after the other, so that what is worked on lies together.
/// Zero at first.
class LaneSums {
 public:
  LaneSums() = default;
  /// `samples` begins with a group; `variants`: of each set of counts.
  LaneSums(Range samples, size_t scores, const std::vector<uint64_t>& variants);

  bool empty() const { return samples_.size() == 0; }
  /// Those of the next score lie kLaneSamples further.
  uint64_t* sums(uint32_t group, size_t score) {
    return sums_.data() + (Nth(group) * scores_ + score) * kLaneSamples;
  }
  /// Missing genotypes.
  LaneCounters missing(uint32_t group, size_t count);
  /// Of two alleles a genotype those that people do not have (one on a haploid chromosome, two of a
  /// chromosome that is not theirs); the part on missing genotypes. Only once allowed.
  uint32_t& fewer(size_t count, uint32_t sample) { return fewer_[count][sample - samples_.begin]; }
  uint32_t& fewer_missing(size_t count, uint32_t sample) {
    return fewer_missing_[count][sample - samples_.begin];
  }
  void AllowFewer(size_t count);
  void AddToAll(size_t score, uint64_t amount);

  /// A score's sums or a set of counts, by sample of the range.
  std::vector<int64_t> Sums(size_t score) const;
  std::vector<int64_t> Missing(size_t count) const;

  /// /missing, /fewer and /fewer_missing, one column a set of counts.
  void WriteCounts(H5Writer& file) const;
  void WriteSums(H5Writer& file) const;
  /// Adds what WriteSums and WriteCounts wrote.
  void Add(const H5Reader& file);

  /// `fewer`: sets of counts that may be allowed fewer alleles.
  static uint64_t MemoryBytes(uint32_t samples, size_t scores,
                              const std::vector<uint64_t>& variants, size_t fewer);

 private:
  size_t counts() const { return place_.size(); }
  /// Place of a group, which is counted over all samples.
  size_t Nth(uint32_t group) const { return group - samples_.begin / kLaneSamples; }

  Range samples_;
  size_t scores_ = 0, narrow_sets_ = 0, wide_sets_ = 0;
  /// Of a set of counts: its place among the narrow ones, or ~ its place among the wide ones.
  std::vector<int64_t> place_;
  std::vector<uint64_t> sums_;
  std::vector<uint16_t> narrow_;
  std::vector<uint32_t> wide_;
  std::vector<std::vector<uint32_t>> fewer_, fewer_missing_;  // by set of counts
};

}  // namespace kinflow
