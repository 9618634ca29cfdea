#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// Decimal text of every value of an encoding, made once. Read back on the same grid it gives the
/// same integer:
///
///   units that divide 10, 100, 1000 or 10000   the exact decimal
///   others, lossless (255)                     7 decimals: a reader finds the grid again
///   others, rounded (16384, 127)               as many decimals as tell the values apart
///
/// Trailing zeros are cut, as Minimac4 does. Missing is '.'.
class DosageText {
 public:
  static constexpr size_t kRoom = 12;  // bytes that Put may write

  explicit DosageText(const DosageEncoding& encoding);

  /// Writes the text of a value (UINT16_MAX = missing) and returns its end.
  char* Put(char* to, uint16_t value) const {
    return Copy(to, value == UINT16_MAX ? missing_ : entries_[value]);
  }
  /// The same of half the dosage.
  char* PutHalf(char* to, uint16_t value) const {
    return Copy(to, value == UINT16_MAX ? missing_ : halves_[value]);
  }

 private:
  struct Entry {
    char text[kRoom - 1] = {};
    uint8_t size = 0;
  };
  static Entry MakeEntry(const std::string& text);
  static std::vector<Entry> Entries(uint32_t units, uint32_t most, int decimals);
  static char* Copy(char* to, const Entry& e) {
    std::memcpy(to, e.text, sizeof e.text);
    return to + e.size;
  }

  std::vector<Entry> entries_, halves_;
  Entry missing_;
};

}  // namespace kinflow
