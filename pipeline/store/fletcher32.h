#pragma once

#include <cstddef>
#include <cstdint>

namespace kinflow {

/// The checksum of HDF5's fletcher32 filter: big-endian 16-bit words, an odd last byte as the high
/// half of a word, sums folded by (s & 0xffff) + (s >> 16). The fold matters: `% 65535` differs for
/// data whose sums are multiples of 65535, among them chunks of 0xFF bytes (all missing).
uint32_t Fletcher32(const uint8_t* data, size_t size);

}  // namespace kinflow
