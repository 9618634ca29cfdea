#pragma once

#include <cstdint>

namespace kinflow {

/// Calls [first, first + n) of a row of 2-bit calls (DosageEncoding::kTwoBit) as u8 dosages: 0, 1,
/// 2, and 255 for missing. `first` is a multiple of 4.
void ExpandCalls(const uint8_t* row, uint32_t first, uint32_t n, uint8_t* out);

}  // namespace kinflow
