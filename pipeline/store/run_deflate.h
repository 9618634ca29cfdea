#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/store/runs.h"

namespace kinflow {

/// Deflate encoder for dosage chunks: runs of one byte become matches at distance 1, all other
/// bytes literals; one dynamic Huffman block a 256 KiB, stored where coding saves too little. The
/// output is a plain zlib stream (RFC 1950). Faster than general encoders because nothing but runs
/// is looked for. Rows of 16 repeats or more become matches (FindRuns). One object is used by one
/// thread; output depends on the input alone.
class RunDeflater {
 public:
  /// A block that coding shortens by less than so many eighths of it is stored: it is read at
  /// memory speed then. 0: only what coding does not shorten.
  explicit RunDeflater(unsigned least_eighths = 0) : least_eighths_(least_eighths) {}

  /// Size of the buffer that Compress needs for `size` bytes.
  static size_t Bound(size_t size);
  /// Returns the length of the stream written to `out`.
  size_t Compress(const uint8_t* data, size_t size, uint8_t* out);

 private:
  uint8_t* Block(const uint8_t* data, size_t size, bool last, uint8_t* out);

  unsigned least_eighths_;
  std::vector<Segment> segments_;
  uint64_t bits_ = 0;  // not yet written, lowest first
  unsigned n_bits_ = 0;
};

}  // namespace kinflow
