#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kinflow {

/// Deflate encoder for dosage chunks: runs of one byte become matches at distance 1, all other
/// bytes literals; one dynamic Huffman block a 256 KiB, stored where that is no smaller. The output
/// is a plain zlib stream (RFC 1950). Faster than general encoders because nothing but runs is
/// looked for. One object is used by one thread; output depends on the input alone.
///
/// Run rule (it fixes the bytes): a position repeats if it has a predecessor in its block and
/// equals it; every maximal row of 8 or more repeating positions is a run, everything else is
/// literal.
class RunDeflater {
 public:
  /// Size of the buffer that Compress needs for `size` bytes.
  static size_t Bound(size_t size);
  /// Returns the length of the stream written to `out`.
  size_t Compress(const uint8_t* data, size_t size, uint8_t* out);

 private:
  struct Segment {
    uint32_t literals = 0, repeats = 0;
  };
  void FindRuns(const uint8_t* data, size_t size);
  uint8_t* Block(const uint8_t* data, size_t size, bool last, uint8_t* out);

  std::vector<Segment> segments_;
  uint64_t bits_ = 0;  // not yet written, lowest first
  unsigned n_bits_ = 0;
};

}  // namespace kinflow
