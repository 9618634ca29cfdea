#pragma once

#include <hwy/targets.h>

#include <vector>

#include "pipeline/base/philox.h"
#include "pipeline/data/dosage_tile.h"

namespace kinflow::test {

/// Runs `body` once on each instruction set of this machine, the plain one included.
template <class Body>
void OnEachTarget(Body body) {
  std::vector<int64_t> targets = hwy::SupportedAndGeneratedTargets();
  targets.push_back(HWY_SCALAR);
  for (const int64_t target : targets) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    body(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// Rows as in a tile, with random valid values; about one in eight is missing. The padding holds
/// noise, which no kernel may read as data.
class RandomRows {
 public:
  RandomRows(const DosageEncoding& encoding, uint32_t n, size_t rows, uint64_t seed)
      : random_(seed, n) {
    tile_.Shape(n, encoding, rows);
    for (size_t i = 0; i < tile_.values.size(); ++i) {
      tile_.values.data()[i] = static_cast<uint8_t>(random_.Below(256));
    }
    for (size_t r = 0; r < rows; ++r) {
      for (uint32_t s = 0; s < n; ++s) Set(r, s, Draw());
    }
  }
  const uint8_t* operator[](size_t r) const { return tile_.Row(r); }
  uint32_t At(size_t r, uint32_t s) const { return tile_.At(r, s); }

 private:
  uint32_t Draw() {
    if (random_.Below(8) == 0) return tile_.encoding.missing();
    const uint32_t top = 2 * tile_.encoding.units_per_copy;
    // Half of the values near whole copies, where hard calls are decided.
    if (random_.Below(2) == 0) return static_cast<uint32_t>(random_.Below(top + 1));
    const int64_t whole = static_cast<int64_t>(random_.Below(3)) * tile_.encoding.units_per_copy;
    const int64_t near = whole + static_cast<int64_t>(random_.Below(7)) - 3;
    return static_cast<uint32_t>(near < 0 ? 0 : near > top ? top : near);
  }
  void Set(size_t r, uint32_t s, uint32_t value) {
    uint8_t* row = tile_.Row(r);
    switch (tile_.encoding.layout) {
      case DosageEncoding::Layout::kTwoBit:
        row[s / 4] =
            static_cast<uint8_t>((row[s / 4] & ~(3u << (2 * (s % 4)))) | (value << (2 * (s % 4))));
        break;
      case DosageEncoding::Layout::kU8:
        row[s] = static_cast<uint8_t>(value);
        break;
      case DosageEncoding::Layout::kU16:
        tile_.RowU16(r)[s] = static_cast<uint16_t>(value);
        break;
    }
  }
  Philox random_;
  DosageTile tile_;
};

inline const DosageEncoding kTwoBitRows = {DosageEncoding::Layout::kTwoBit, 1, 0};

}  // namespace kinflow::test
