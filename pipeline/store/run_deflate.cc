#include "pipeline/store/run_deflate.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/store/bit_writer.h"
#include "pipeline/store/huffman.h"
#include "pipeline/store/literals.h"

namespace kinflow {
namespace {

constexpr size_t kBlock = 256 << 10;
constexpr size_t kStoredPiece = 65535;
// Shortest row of repeats that becomes a match: frequent values cost a bit or two each as literals,
// and long rows of them are coded faster than many short matches.
constexpr size_t kMinRun = 16;
constexpr unsigned kLongest = 258;  // deflate's longest match
constexpr size_t kSymbols = 286;    // 0..255 literals, 256 end of block, 257..285 lengths
constexpr size_t kEnd = 256;
constexpr unsigned kLengthCodeLimit = 7;

constexpr std::array<uint16_t, 29> kLengthBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                  15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                  67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<uint8_t, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                  2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

// Symbol (less 257) of each match length 3..258; 258 has its own symbol without extra bits.
constexpr auto kLengthSymbol = [] {
  std::array<uint8_t, kLongest + 1> table{};
  for (unsigned length = 3; length <= kLongest; ++length) {
    uint8_t s = 28;
    while (kLengthBase[s] > length) --s;
    table[length] = s;
  }
  return table;
}();

// A run of r repeats as matches: `full` of 258, one of 255 if `borrow`, then `rest` if not 0. The
// borrowing keeps the rest at deflate's shortest match, 3.
struct Pieces {
  size_t full;
  bool borrow;
  unsigned rest;
  explicit Pieces(size_t r) : full(r / kLongest), borrow(false), rest(r % kLongest) {
    if (rest == 1 || rest == 2) {
      --full;
      borrow = true;
      rest += 3;
    }
  }
};

struct LengthCounter {
  std::array<uint32_t, 29> length{};

  void Add(size_t repeats) {
    if (repeats == 0) return;
    const Pieces p(repeats);
    length[28] += static_cast<uint32_t>(p.full);
    if (p.borrow) ++length[kLengthSymbol[255]];
    if (p.rest > 0) ++length[kLengthSymbol[p.rest]];
  }
};

std::array<uint32_t, kSymbols> CountSymbols(const uint8_t* p, const std::vector<Segment>& segments,
                                            const Quartet* quartet) {
  LiteralCounter literals(quartet);
  LengthCounter lengths;
  for (const Segment& s : segments) {
    literals.Add(p, s.literals);
    lengths.Add(s.repeats);
    p += s.literals + s.repeats;
  }
  std::array<uint32_t, kSymbols> total{};
  std::ranges::copy(literals.Total(), total.begin());
  total[kEnd] = 1;
  std::ranges::copy(lengths.length, total.begin() + kEnd + 1);
  return total;
}

// The header of a dynamic block after its 3 type bits: code lengths, run-length coded.
struct BlockHeader {
  struct Item {
    uint8_t symbol, extra, extra_bits;
  };
  std::vector<Item> items;
  std::array<uint8_t, 19> lengths{};
  std::array<uint16_t, 19> codes{};
  unsigned literal_count = 257, code_count = 19;
  uint64_t bits = 0;

  static constexpr std::array<uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                     11, 4,  12, 3, 13, 2, 14, 1, 15};

  explicit BlockHeader(const std::array<uint8_t, kSymbols>& code_lengths) {
    literal_count = kSymbols;
    while (literal_count > 257 && code_lengths[literal_count - 1] == 0) --literal_count;
    std::vector<uint8_t> sequence(code_lengths.begin(), code_lengths.begin() + literal_count);
    sequence.push_back(1);  // one distance code of one bit: distance 1
    for (size_t i = 0; i < sequence.size();) {
      size_t same = 1;
      while (i + same < sequence.size() && sequence[i + same] == sequence[i]) ++same;
      AddRow(sequence[i], same);
      i += same;
    }
    std::array<uint32_t, 19> counts{};
    for (const Item& item : items) ++counts[item.symbol];
    HuffmanLengths(counts, kLengthCodeLimit, lengths);
    CanonicalCodes(lengths, codes);
    while (code_count > 4 && lengths[kOrder[code_count - 1]] == 0) --code_count;
    bits = 14 + 3 * code_count;
    for (const Item& item : items) bits += lengths[item.symbol] + item.extra_bits;
  }

 private:
  void AddRow(uint8_t value, size_t n) {
    if (value == 0) {
      for (; n >= 11; n -= std::min<size_t>(n, 138)) {
        items.push_back({18, static_cast<uint8_t>(std::min<size_t>(n, 138) - 11), 7});
      }
      if (n >= 3) {
        items.push_back({17, static_cast<uint8_t>(n - 3), 3});
        n = 0;
      }
    } else {
      items.push_back({value, 0, 0});
      for (--n; n >= 3; n -= std::min<size_t>(n, 6)) {
        items.push_back({16, static_cast<uint8_t>(std::min<size_t>(n, 6) - 3), 2});
      }
    }
    while (n-- > 0) items.push_back({value, 0, 0});
  }
};

// Bits of the block's data: literals, matches with their extra and distance bits, end of block.
uint64_t DataBits(const std::array<uint32_t, kSymbols>& counts,
                  const std::array<uint8_t, kSymbols>& lengths) {
  uint64_t bits = 0;
  for (size_t s = 0; s < kSymbols; ++s) {
    const unsigned more = s > kEnd ? kLengthExtra[s - 257] + 1u : 0u;
    bits += uint64_t{counts[s]} * (lengths[s] + more);
  }
  return bits;
}

void PutHeader(const BlockHeader& header, BitWriter& w) {
  w.Put(header.literal_count - 257, 5);
  w.Put(0, 5);
  w.Put(header.code_count - 4, 4);
  w.Flush();
  for (unsigned k = 0; k < header.code_count; ++k) {
    w.Put(header.lengths[BlockHeader::kOrder[k]], 3);
    w.Flush();
  }
  for (const auto& item : header.items) {
    w.Put(header.codes[item.symbol], header.lengths[item.symbol]);
    w.Put(item.extra, item.extra_bits);
    w.Flush();
  }
}

// Code in the low 24 bits, number of bits above: one load a match.
struct MatchCoder {
  std::array<uint32_t, kLongest + 1> match{};

  MatchCoder(const std::array<uint8_t, kSymbols>& lengths,
             const std::array<uint16_t, kSymbols>& codes) {
    for (unsigned length = 3; length <= kLongest; ++length) {
      const unsigned k = kLengthSymbol[length];
      const uint32_t code_bits = lengths[257 + k];
      const uint32_t extra = length - kLengthBase[k];
      // The distance code is one 0 bit.
      match[length] = codes[257 + k] | extra << code_bits | (code_bits + kLengthExtra[k] + 1) << 24;
    }
  }
  void Put(size_t repeats, BitWriter& w) const {
    if (repeats == 0) return;
    const auto put = [&](uint32_t entry) { w.Put(entry & 0xffffff, entry >> 24); };
    const Pieces p(repeats);
    for (size_t i = 0; i < p.full; ++i) {
      put(match[kLongest]);
      w.Flush();
    }
    if (p.borrow) put(match[255]);
    if (p.rest > 0) put(match[p.rest]);
    w.Flush();
  }
};

// The writer goes by value: bytes are written through a pointer that might otherwise point to it.
BitWriter PutSegments(const uint8_t* p, const std::vector<Segment>& segments,
                      const LiteralCoder& literals, const MatchCoder& matches, BitWriter w) {
  for (const Segment& s : segments) {
    literals.Put(p, s.literals, w);
    matches.Put(s.repeats, w);
    p += s.literals + s.repeats;
  }
  return w;
}

void PutStored(const uint8_t* data, size_t size, bool last, BitWriter& w) {
  do {
    const size_t n = std::min(size, kStoredPiece);
    w.Put(last && n == size ? 1 : 0, 3);
    w.count = (w.count + 7) & ~7u;
    w.Flush();
    const auto length = static_cast<uint16_t>(n);
    w.Put(length, 16);
    w.Put(static_cast<uint16_t>(~length), 16);
    w.Flush();
    if (n > 0) std::memcpy(w.out, data, n);
    w.out += n;
    data += n;
    size -= n;
  } while (size > 0);
}

size_t StoredPieces(size_t size) {
  return std::max<size_t>(1, (size + kStoredPiece - 1) / kStoredPiece);
}

}  // namespace

size_t RunDeflater::Bound(size_t size) {
  const size_t blocks = std::max<size_t>(1, (size + kBlock - 1) / kBlock);
  return size + blocks * (StoredPieces(kBlock) * 6 + 1) + 2 + 4 + 16;
}

uint8_t* RunDeflater::Block(const uint8_t* data, size_t size, bool last, uint8_t* out) {
  BitWriter w{out, bits_, n_bits_};
  const Quartet* quartet = QuartetOf({data, size});
  FindRuns(data, size, kMinRun, segments_);
  const auto counts = CountSymbols(data, segments_, quartet);
  bool stored = size == 0;  // an empty block has one symbol only: no Huffman code
  if (!stored) {
    std::array<uint8_t, kSymbols> lengths{};
    std::array<uint16_t, kSymbols> codes{};
    HuffmanLengths(counts, kLiteralLimit, lengths);
    CanonicalCodes(lengths, codes);
    const BlockHeader header(lengths);
    const uint64_t stored_bits = 8 * uint64_t{size} + StoredPieces(size) * 35;
    const uint64_t least_saved = stored_bits / 8 * least_eighths_;
    stored = 3 + header.bits + DataBits(counts, lengths) >= stored_bits - least_saved;
    if (!stored) {
      w.Put(last ? 1 : 0, 1);
      w.Put(2, 2);
      PutHeader(header, w);
      const LiteralCoder literals(lengths, codes, quartet);
      const MatchCoder matches(lengths, codes);
      w = PutSegments(data, segments_, literals, matches, w);
      w.Put(codes[kEnd], lengths[kEnd]);
      w.Flush();
    }
  }
  if (stored) PutStored(data, size, last, w);
  bits_ = w.bits;
  n_bits_ = w.count;
  return w.out;
}

size_t RunDeflater::Compress(const uint8_t* data, size_t size, uint8_t* out) {
  uint8_t* w = out;
  *w++ = 0x78;  // deflate, 32 KiB window
  *w++ = 0x01;  // fastest level; makes the two bytes a multiple of 31
  bits_ = 0;
  n_bits_ = 0;
  size_t begin = 0;
  do {
    const size_t n = std::min(kBlock, size - begin);
    w = Block(data + begin, n, begin + n == size, w);
    begin += n;
  } while (begin < size);
  if (n_bits_ > 0) *w++ = static_cast<uint8_t>(bits_);
  const uint32_t adler = libdeflate_adler32(1, data, size);
  for (int shift = 24; shift >= 0; shift -= 8) *w++ = static_cast<uint8_t>(adler >> shift);
  return static_cast<size_t>(w - out);
}

}  // namespace kinflow
