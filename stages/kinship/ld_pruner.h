#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow::kinship {

/// Drops variants that are correlated with others nearby, by the rules of plink2
/// --indep-pairwise Nkb 1 R2: the window of a variant holds those up to `window_bases` behind it on
/// its chromosome; in each window in turn, every variant is compared with the later ones it has not
/// been compared with, and at the first pair with a larger r2 the one with the smaller minor allele
/// frequency is dropped (the later one of equals), round after round until nothing is dropped.
/// A variant with one allele only counts as correlated. Depends on the order of variants alone. One
/// thread at a time.
class LdPruner {
 public:
  /// `row_bytes`: a multiple of 64.
  LdPruner(uint32_t window_bases, double max_r2, size_t row_bytes)
      : window_(window_bases), max_r2_(max_r2), row_bytes_(row_bytes) {}

  /// The next variant in plan order; `calls` is a two-bit row in which only the people to count
  /// have calls. Copied.
  void Add(uint64_t row, std::string_view chrom, uint32_t pos, const uint8_t* calls);
  /// No more variants: settles those of the last windows.
  void Finish();
  /// Rows that stay, ascending; complete after Finish().
  const std::vector<uint64_t>& kept() const { return kept_; }
  uint64_t seen() const { return seen_; }
  /// Most bytes held so far.
  uint64_t peak_bytes() const { return peak_bytes_; }

 private:
  struct Variant {
    uint64_t row = 0;
    uint32_t pos = 0;
    double major_freq = 1;
    bool dropped = false;
    size_t unchecked = 0;  // number (seen_ order) of the first one not compared with it
    AlignedBuffer calls;
  };

  size_t number_of_first() const { return seen_ - window_variants_.size(); }
  /// Compares what is new in the window of the first `size` variants.
  void Compare(size_t size);
  bool Correlated(const Variant& a, const Variant& b) const;
  /// The first variant has met all that its window holds.
  void PopFirst();

  uint32_t window_;
  double max_r2_;
  size_t row_bytes_;
  std::string chrom_;
  std::deque<Variant> window_variants_;
  std::vector<AlignedBuffer> spare_;
  std::vector<uint64_t> kept_;
  size_t seen_ = 0;
  uint64_t held_ = 0, peak_bytes_ = 0;
};

}  // namespace kinflow::kinship
