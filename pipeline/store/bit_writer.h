#pragma once

#include <cstdint>
#include <cstring>

namespace kinflow {

/// Bits into bytes as deflate orders them, lowest first. The caller flushes before 64 bits are
/// exceeded (7 may be left from before) and leaves 8 writable bytes behind `out`.
struct BitWriter {
  uint8_t* out;
  uint64_t bits;
  unsigned count;

  void Put(uint64_t value, unsigned n) {
    bits |= value << count;
    count += n;
  }
  void Flush() {
    std::memcpy(out, &bits, sizeof bits);
    out += count >> 3;
    bits >>= count & ~7u;
    count &= 7;
  }
};

}  // namespace kinflow
