#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "pipeline/base/error.h"
#include "stages/formats/genotype_values.h"

namespace kinflow {

/// Walks the bytes of one .pgen record; what does not fit throws kMalformed with the record's
/// place. Views bytes and place: both outlive it.
class PgenCursor {
 public:
  PgenCursor(std::span<const uint8_t> bytes, const RecordPlace& place)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), place_(place) {}

  size_t left() const { return static_cast<size_t>(end_ - at_); }
  const RecordPlace& place() const { return place_; }

  /// The next `n` bytes; `what` names them in the message.
  const uint8_t* Take(uint64_t n, const char* what) {
    if (n > left()) Fail("the record ends within", what);
    const uint8_t* bytes = at_;
    at_ += n;
    return bytes;
  }
  uint8_t Byte(const char* what) { return *Take(1, what); }
  /// Base-128 number below 2^31.
  uint32_t Varint(const char* what) {
    uint32_t value = 0;
    for (uint32_t shift = 0; shift < 35; shift += 7) {
      const uint32_t byte = Byte(what);
      if (shift == 28 && byte > 7) break;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    Fail("number too large in", what);
  }
  /// An array of `bits` bits; the unused ones of its last byte must be zero, as the format demands.
  const uint8_t* Bits(uint64_t bits, const char* what) {
    const uint8_t* bytes = Take((bits + 7) / 8, what);
    if (bits % 8 != 0 && bytes[bits / 8] >> (bits % 8) != 0) {
      Fail("the unused bits are not zero in", what);
    }
    return bytes;
  }
  void ExpectEnd() const;
  [[noreturn]] void Fail(std::string_view why, std::string_view what) const;

 private:
  const uint8_t* at_;
  const uint8_t* end_;
  const RecordPlace& place_;
};

}  // namespace kinflow
