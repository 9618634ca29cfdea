#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/kernels/trio_words.h"

namespace kinflow {

/// The calls of up to 64 variants, sample by sample: two words a sample, bit r of them = the lower
/// and upper bit of the call in row r. A test of all 64 variants at once is a few bit operations.
class CallPlanes {
 public:
  static constexpr uint32_t kMaxRows = 64;

  /// One more sample, `n_samples`, has every call missing.
  explicit CallPlanes(uint32_t n_samples);

  static uint64_t MemoryBytes(uint32_t n_samples) {
    return (n_samples / 256 + 1) * kBlockWords * sizeof(uint64_t);
  }

  /// `rows`: at most 64 two-bit rows, readable to a multiple of 64 bytes; bits of absent rows are
  /// 0.
  void Fill(std::span<const uint8_t* const> rows);

  struct Call {
    uint64_t low, high;
  };
  Call At(uint32_t sample) const {
    const int64_t place = Place(sample);
    return {words().low[place], words().high[place]};
  }

  /// Where the words of a sample lie in words().
  static int64_t Place(uint32_t s) {
    return int64_t{s / 256} * int64_t{kBlockWords} + int64_t{s % 32 * 2 * kLanes + s / 32 % kLanes};
  }
  CallWords words() const { return {words_.data(), words_.data() + kLanes}; }

  /// Eight samples whose words lie side by side: the lower words of all, then the upper ones.
  /// `group` < Groups(n_samples); SampleOf may be n_samples or more in the last 32 groups, where
  /// the words hold noise.
  const uint64_t* Group(uint32_t group) const {
    return words_.data() + group / 32 * kBlockWords + size_t{group % 32} * 2 * kLanes;
  }
  static uint32_t Groups(uint32_t n_samples) { return (n_samples + 255) / 256 * 32; }
  static uint32_t SampleOf(uint32_t group, uint32_t lane) {
    return group / 32 * 256 + 32 * lane + group % 32;
  }
  static uint32_t GroupOf(uint32_t sample) { return sample / 256 * 32 + sample % 32; }
  static uint32_t LaneOf(uint32_t sample) { return sample / 32 % kLanes; }

 private:
  // Blocks of 256 samples (64 bytes of a row): word [2 (s mod 32) + plane][s div 32 mod 8].
  static constexpr uint32_t kLanes = 8;
  static constexpr size_t kBlockWords = size_t{64} * kLanes;

  uint32_t samples_;
  std::vector<uint64_t> words_;
};

}  // namespace kinflow
