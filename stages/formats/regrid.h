#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// The grid that the dosages of several inputs fit on (u8 or u16): their units' least common
/// multiple up to 32767, lossless; else 16384, with the rounding added to the error bound.
DosageEncoding JoinEncodings(const std::vector<DosageEncoding>& encodings);

/// Moves rows of one encoding to columns of another one, by a table of all values: exact where the
/// grid allows, else rounded half up. Safe from many threads.
class Regrid {
 public:
  /// `to`: u8 or u16.
  Regrid(const DosageEncoding& from, const DosageEncoding& to);
  /// Row of `tile` to `out` from column `first` on; `swapped`: 2 - dosage.
  void Put(const DosageTile& tile, uint32_t row, bool swapped, uint8_t* out, uint32_t first) const;

 private:
  template <class Out>
  void Fill(const DosageTile& tile, uint32_t row, const std::vector<uint16_t>& map, Out* out) const;

  DosageEncoding from_, to_;
  bool same_ = false;
  std::vector<uint16_t> map_, swapped_;  // by value, up to the one that means missing
};

}  // namespace kinflow
