#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "pipeline/store/bit_writer.h"

namespace kinflow {

/// Longest Huffman code of a literal: four of them and 7 left-over bits fit BitWriter.
inline constexpr unsigned kLiteralLimit = 13;

/// Four byte values that two of their bits tell apart: four such bytes have 256 values, so that
/// literals can be counted and coded four at a time.
struct Quartet {
  unsigned shift;  // of the two bits
  std::array<uint8_t, 4> bytes;
};

/// The one all of `data` belongs to: calls of a .bed as one byte each, or flags of phased calls
/// (CallFlag). nullptr if there is none.
const Quartet* QuartetOf(std::span<const uint8_t> data);

/// Number of four such bytes: their two bits side by side, the first lowest. The factor moves them
/// to bits 24, 26, 28 and 30; its other products overlap neither these nor each other.
inline uint32_t FourOf(const uint8_t* p, unsigned shift) {
  uint32_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  return (bytes >> shift & 0x03030303u) * 0x01041040u >> 24;
}

/// Counts bytes. `quartet`: QuartetOf() all that is added.
class LiteralCounter {
 public:
  explicit LiteralCounter(const Quartet* quartet) : quartet_(quartet) {}
  void Add(const uint8_t* p, size_t n);
  std::array<uint32_t, 256> Total() const;

 private:
  const Quartet* quartet_;
  // Several tables: equal neighbours would wait for each other on one counter.
  std::array<std::array<uint32_t, 256>, 8> bytes_{};
  std::array<std::array<uint32_t, 256>, 4> fours_{};  // of a quartet: by four bytes
};

/// Writes the codes of bytes. `lengths` and `codes` begin with those of the 256 bytes; no length is
/// above kLiteralLimit.
class LiteralCoder {
 public:
  LiteralCoder(std::span<const uint8_t> lengths, std::span<const uint16_t> codes,
               const Quartet* quartet);
  /// Inlined, so that a local BitWriter stays in registers.
  void Put(const uint8_t* p, size_t n, BitWriter& w) const {
    if (quartet_ != nullptr) {
      const unsigned shift = quartet_->shift;
      for (; two_fours_fit_ && n >= 8; n -= 8, p += 8) {
        const uint64_t a = four_[FourOf(p, shift)], b = four_[FourOf(p + 4, shift)];
        const auto bits = static_cast<unsigned>(a >> 56);
        w.Put((a & kCode) | (b & kCode) << bits, bits + static_cast<unsigned>(b >> 56));
        w.Flush();
      }
      for (; n >= 4; n -= 4, p += 4) {
        const uint64_t four = four_[FourOf(p, shift)];
        w.Put(four & kCode, static_cast<unsigned>(four >> 56));
        w.Flush();
      }
    } else {
      for (; n >= 4; n -= 4, p += 4) {
        PutFour(byte_[p[0]], byte_[p[1]], byte_[p[2]], byte_[p[3]], w);
      }
    }
    if (n > 0) {
      const uint32_t second = n > 1 ? byte_[p[1]] : 0, third = n > 2 ? byte_[p[2]] : 0;
      PutFour(byte_[p[0]], second, third, 0, w);
    }
  }

 private:
  static void PutFour(uint32_t a, uint32_t b, uint32_t c, uint32_t d, BitWriter& w) {
    // Two by two: the writer waits for one sum of lengths only.
    const unsigned first = a >> 24, second = first + (b >> 24), third = second + (c >> 24);
    const uint64_t ab = (a & 0xffff) | uint64_t{b & 0xffff} << first;
    const uint64_t cd = uint64_t{c & 0xffff} << second | uint64_t{d & 0xffff} << third;
    w.Put(ab | cd, third + (d >> 24));
    w.Flush();
  }

  static constexpr uint64_t kCode = (uint64_t{1} << 56) - 1;

  const Quartet* quartet_;
  bool two_fours_fit_ = false;        // eight bytes and 7 left-over bits fit BitWriter
  std::array<uint32_t, 256> byte_{};  // code in the low 24 bits, number of bits above
  std::array<uint64_t, 256> four_{};  // of a quartet: code in the low 56 bits, number of bits above
};

}  // namespace kinflow
