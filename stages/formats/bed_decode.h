#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kinflow {

/// One .bed row (00 two A1, 01 missing, 10 one, 11 none) -> copies of A1 in two bits (3 = missing).
/// Bits behind the last sample become zero. `out` has room for whole 8-byte words of the row.
void BedToCopies(const uint8_t* row, uint32_t samples, uint8_t* out);
/// The same for chosen samples only.
void BedToCopies(const uint8_t* row, const std::vector<uint32_t>& samples, uint8_t* out);
/// True if the bits behind the last sample of a .bed row are zero, as the format demands. Some
/// writers leave others there: nothing reads them.
bool BedPaddingIsZero(const uint8_t* row, uint32_t samples);

}  // namespace kinflow
