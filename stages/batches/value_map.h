#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// The smallest grid on which the values of all `batches` lie; if that needs more than 16 bits,
/// 1/16384, with what rounding adds in error_bound.
DosageEncoding CommonEncoding(std::span<const DosageEncoding> batches);

/// Stored values of one batch on the common grid, as they are or turned to the other allele.
/// Immutable; thread-safe.
class ValueMap {
 public:
  /// u8 or u16 each.
  ValueMap(const DosageEncoding& from, const DosageEncoding& to);

  /// `n` values. `swapped`: copies of the other allele. `flags`: CallFlag bytes of the row, null =
  /// none; a haploid call has one copy to turn. Values that no dosage can have become missing.
  void Apply(const uint8_t* from, uint32_t n, bool swapped, const uint8_t* flags,
             uint8_t* to) const;
  /// Turns the phase of a swapped row's flags. Which phased calls are heterozygous is told by the
  /// turned dosages `to`, as the flags of homozygotes and of "0|1" are the same.
  void TurnFlags(const uint8_t* to, uint32_t n, uint8_t* flags) const;

 private:
  template <class In, class Out>
  void Map(const uint8_t* from, uint32_t n, bool swapped, const uint8_t* flags, uint8_t* to) const;
  template <class Out>
  void Turn(const uint8_t* to, uint32_t n, uint8_t* flags) const;

  DosageEncoding from_, to_;
  std::vector<uint16_t> as_is_, turned_;  // by stored value
};

}  // namespace kinflow
