#pragma once

#include <cstdint>

namespace kinflow {

/// Unsigned little-endian numbers at any address.
inline uint32_t Load16(const uint8_t* p) { return p[0] | (uint32_t{p[1]} << 8); }
inline uint32_t Load32(const uint8_t* p) { return Load16(p) | (Load16(p + 2) << 16); }

}  // namespace kinflow
