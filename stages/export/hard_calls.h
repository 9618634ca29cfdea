#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// Copies of ALT that a dosage is called as: 0, 1, 2, or kNoCall where the dosage is missing or
/// further than `threshold` (alleles) from every whole number. plink2's --hard-call-threshold.
class HardCalls {
 public:
  static constexpr uint8_t kNoCall = 3;

  HardCalls(const DosageEncoding& encoding, double threshold);

  /// Of a value as Values() gives it; UINT16_MAX = missing.
  uint8_t Diploid(uint16_t value) const { return table_[value]; }
  /// One allele copy: 0, 1 or kNoCall; nothing is uncertain, the nearer allele is called.
  uint8_t Haploid(uint16_t value) const {
    return value == UINT16_MAX ? kNoCall : 2u * value > units_ ? 1 : 0;
  }
  /// Copies by CallFlag bits. A phased heterozygote is called, however doubtful: the source did so.
  uint8_t Call(uint16_t value, uint8_t flags) const {
    if ((flags & kCallHaploid) != 0) return Haploid(value);
    const bool het = 2u * value > units_ && 2u * value < 3 * units_;
    return (flags & kCallPhased) != 0 && het ? 1 : Diploid(value);
  }

 private:
  uint32_t units_;
  std::vector<uint8_t> table_;
};

/// One row of a tile, whatever its layout, as units with UINT16_MAX for missing.
void RowValues(const DosageTile& tile, size_t row, uint16_t* out);

}  // namespace kinflow
