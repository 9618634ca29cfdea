#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// Calls use(sample) for each missing call of a two-bit row among `samples`, ascending.
template <class Use>
void ForEachMissingCall(const uint8_t* row, Range samples, Use use) {
  for (uint32_t s = samples.begin / 32 * 32; s < samples.end; s += 32) {
    uint64_t word = 0;
    std::memcpy(&word, row + s / 4, sizeof word);
    for (uint64_t both = word & (word >> 1) & 0x5555555555555555u; both != 0; both &= both - 1) {
      const uint32_t sample = s + static_cast<uint32_t>(std::countr_zero(both)) / 2;
      if (sample >= samples.begin && sample < samples.end) use(sample);
    }
  }
}

}  // namespace kinflow
