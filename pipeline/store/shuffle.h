#pragma once

#include <cstddef>
#include <cstdint>

namespace kinflow {

// Pure functions; inputs and outputs must not overlap.

/// HDF5's shuffle filter and its inverse: first bytes of all elements, then all second bytes, ...
/// `size` in bytes, a multiple of `element`.
void Shuffle(const uint8_t* in, size_t size, size_t element, uint8_t* out);
void Unshuffle(const uint8_t* in, size_t size, size_t element, uint8_t* out);

/// The low and the high bytes of `n` little-endian 16-bit values at `in`.
void SplitBytes(const uint8_t* in, size_t n, uint8_t* low, uint8_t* high);

}  // namespace kinflow
