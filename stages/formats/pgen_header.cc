#include "stages/formats/pgen_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pipeline/base/error.h"
#include "stages/formats/pgen_calls.h"
#include "stages/formats/pgen_dosage.h"

namespace kinflow {
namespace {

constexpr uint64_t kBlock = 65'536;  // variants of one block of the header
constexpr const char* kCopyAgain = "copy the .pgen again from its source";

uint64_t Load(const uint8_t* bytes, size_t n) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, n);
  return value;
}

// Widths of the header's arrays, from the control byte.
struct Widths {
  explicit Widths(uint8_t control)
      : type_bits((control & 4) != 0 ? 8 : 4),
        length_bytes((control & 3) + 1u),
        alts_bytes((control >> 4) & 3u),
        stores_ref_flags(control >> 6 == 3) {}
  uint64_t BlockBytes(uint64_t variants) const {
    return (variants * type_bits + 7) / 8 + variants * (length_bytes + alts_bytes) +
           (stores_ref_flags ? (variants + 7) / 8 : 0);
  }
  uint32_t type_bits, length_bytes, alts_bytes;
  bool stores_ref_flags;  // which REF alleles are provisional: not used
};

[[noreturn]] void BadMode(uint8_t mode, const std::string& file) {
  const bool newer = mode == 0x11 || mode == 0x21;
  throw Error(ErrorId::kFormatUnknown,
              newer ? "the .pgen has extensions of its header, which are not read"
                    : "the .pgen has an unknown storage mode")
      .InFile(file)
      .Value(fmt::format("0x{:02x}", mode))
      .Remedy(newer ? "convert it once: plink2 --pfile NAME --make-pgen --out NEW" : kCopyAgain);
}

[[noreturn]] void Truncated(uint64_t record, const std::string& file) {
  throw Error(ErrorId::kTruncated, "the .pgen ends within a record")
      .InFile(file)
      .AtRecord(record + 1)
      .Remedy(kCopyAgain);
}

}  // namespace

uint64_t PgenPreamble::record_bytes() const {
  if (!fixed_width()) return 0;
  const uint64_t calls = (uint64_t{samples} + 3) / 4, values = uint64_t{samples} * 2;
  return calls + (mode - 2u) * values;
}

uint64_t PgenPreamble::header_bytes() const {
  const Widths widths(control);
  if (fixed_width()) {
    return kBytes + (widths.stores_ref_flags ? (uint64_t{variants} + 7) / 8 : 0);
  }
  const uint64_t whole = variants / kBlock, rest = variants % kBlock;
  return kBytes + 8 * (whole + (rest > 0 ? 1 : 0)) + whole * widths.BlockBytes(kBlock) +
         widths.BlockBytes(rest);
}

PgenPreamble ParsePgenPreamble(std::span<const uint8_t> head, const std::string& file) {
  if (head.size() < 3 || head[0] != 0x6c || head[1] != 0x1b) {
    throw Error(ErrorId::kFormatUnknown, "not a .pgen file: wrong first bytes")
        .InFile(file)
        .Remedy("make it with plink2 --make-pgen");
  }
  PgenPreamble preamble;
  preamble.mode = head[2];
  if (preamble.mode != 0x10 && preamble.mode != 0x20 && (preamble.mode < 2 || preamble.mode > 4))
    BadMode(head[2], file);
  if (head.size() < PgenPreamble::kBytes) {
    throw Error(ErrorId::kTruncated, "the .pgen ends within its header")
        .InFile(file)
        .Remedy(kCopyAgain);
  }
  preamble.variants = static_cast<uint32_t>(Load(&head[3], 4));
  preamble.samples = static_cast<uint32_t>(Load(&head[7], 4));
  preamble.control = head[11];
  const bool known =
      preamble.fixed_width() ? (preamble.control & 63) == 0 : (preamble.control & 8) == 0;
  if (!known || preamble.variants == 0 || preamble.samples == 0 ||
      std::max(preamble.variants, preamble.samples) > INT32_MAX ||
      preamble.record_bytes() > UINT32_MAX) {
    throw Error(ErrorId::kMalformed, "the header of the .pgen cannot be read")
        .InFile(file)
        .Value(fmt::format("{} variants, {} samples, layout 0x{:02x}", preamble.variants,
                           preamble.samples, preamble.control))
        .Remedy(kCopyAgain);
  }
  return preamble;
}

/// Reads the header of a variable-width file, block by block.
class PgenIndexReader {
 public:
  PgenIndexReader(const PgenPreamble& preamble, std::span<const uint8_t> header,
                  uint64_t records_begin, uint64_t file_bytes, const std::string& file)
      : widths_(preamble.control),
        header_(header),
        records_begin_(records_begin),
        file_bytes_(file_bytes),
        file_(file) {
    index_.preamble_ = preamble;
  }

  PgenIndex Read() {
    const uint64_t variants = index_.variants(), blocks = (variants + kBlock - 1) / kBlock;
    index_.types_.resize(variants);
    index_.begins_.reserve(variants + 1);
    if (widths_.alts_bytes > 0) index_.alts_.resize(variants);
    uint64_t end = records_begin_;
    at_ = header_.data() + PgenPreamble::kBytes + 8 * blocks;
    for (uint64_t b = 0; b < blocks; ++b) {
      if (Load(header_.data() + PgenPreamble::kBytes + 8 * b, 8) != end) {
        Fail(b * kBlock, "the record does not begin where the one before it ends");
      }
      ReadBlock(b * kBlock, std::min(variants, (b + 1) * kBlock), end);
    }
    index_.begins_.push_back(end);
    return std::move(index_);
  }

 private:
  [[noreturn]] void Fail(uint64_t record, std::string what) const {
    throw Error(ErrorId::kMalformed, std::move(what))
        .InFile(file_)
        .AtRecord(record + 1)
        .Field("header")
        .Remedy(kCopyAgain);
  }
  // `end`: of the last record so far.
  void ReadBlock(uint64_t first, uint64_t last, uint64_t& end) {
    const uint8_t* lengths = at_ + ((last - first) * widths_.type_bits + 7) / 8;
    const uint8_t* alts = lengths + (last - first) * widths_.length_bytes;
    for (uint64_t i = 0; i < last - first; ++i) {
      const uint8_t type = widths_.type_bits == 8 ? at_[i] : (at_[i / 2] >> (4 * (i % 2))) & 15;
      const uint64_t bytes = Load(lengths + i * widths_.length_bytes, widths_.length_bytes);
      if (i == 0 && IsLdCompressed(type)) {
        Fail(first, "the first record of a block is stored as differences from another one");
      }
      if (bytes > file_bytes_ - end) Truncated(first + i, file_);
      index_.types_[first + i] = type;
      index_.begins_.push_back(end);
      index_.largest_ = std::max(index_.largest_, bytes);
      index_.has_dosages_ |= HasDosages(type);
      if (widths_.alts_bytes > 0) {
        index_.alts_[first + i] =
            static_cast<uint32_t>(Load(alts + i * widths_.alts_bytes, widths_.alts_bytes));
      }
      end += bytes;
    }
    at_ += widths_.BlockBytes(last - first);
  }

  PgenIndex index_;
  Widths widths_;
  std::span<const uint8_t> header_;
  const uint8_t* at_ = nullptr;
  uint64_t records_begin_, file_bytes_;
  const std::string& file_;
};

PgenIndex PgenIndex::Parse(const PgenPreamble& preamble, std::span<const uint8_t> header,
                           uint64_t records_begin, uint64_t file_bytes, const std::string& file) {
  if (header.size() < preamble.header_bytes() || file_bytes < records_begin) {
    throw Error(ErrorId::kTruncated, "the .pgen ends within its header")
        .InFile(file)
        .Remedy(kCopyAgain);
  }
  PgenIndex index;
  if (preamble.fixed_width()) {
    index.preamble_ = preamble;
    index.largest_ = preamble.record_bytes();
    index.has_dosages_ = preamble.mode != 2;
    if (index.begin(preamble.variants) > file_bytes) {
      Truncated((file_bytes - preamble.header_bytes()) / preamble.record_bytes(), file);
    }
  } else {
    header = header.first(preamble.header_bytes());
    index = PgenIndexReader(preamble, header, records_begin, file_bytes, file).Read();
  }
  if (const uint64_t end = index.begin(preamble.variants); end != file_bytes) {
    throw Error(ErrorId::kFileSize,
                fmt::format("the .pgen has {} bytes; its {} records end at byte {}", file_bytes,
                            preamble.variants, end))
        .InFile(file)
        .AtRecord(preamble.variants)
        .Remedy(kCopyAgain);
  }
  return index;
}

namespace {

std::vector<uint8_t> Head(const FileHandle& file, uint64_t bytes) {
  std::vector<uint8_t> head(std::min(bytes, file.Size()));  // the size bounds the memory, too
  file.ReadAt(head.data(), head.size(), 0);
  return head;
}

// FILE.pgi: the header of a variable-width file with a mode of its own.
FileHandle OpenPgi(const std::string& path) {
  FileHandle pgi = FileHandle::OpenRead(Rereadable(path));
  const auto head = Head(pgi, 3);
  if (head.size() == 3 && head[0] == 0x6c && head[1] == 0x1b && head[2] == 0x30) return pgi;
  throw Error(ErrorId::kFormatUnknown, "not the index of a .pgen: wrong first bytes")
      .InFile(path)
      .Remedy("copy the .pgen and its .pgen.pgi together from their source");
}

}  // namespace

PgenIndex PgenIndex::Read(const FileHandle& file) {
  const uint64_t size = file.Size();
  const auto own = Head(file, PgenPreamble::kBytes);
  if (own.size() < 3 || own[0] != 0x6c || own[1] != 0x1b || own[2] != 0x20) {
    const PgenPreamble preamble = ParsePgenPreamble(own, file.path());
    const auto header = Head(file, preamble.header_bytes());
    return Parse(preamble, header, header.size(), size, file.path());
  }
  const std::string path = file.path() + ".pgi";
  const FileHandle pgi = OpenPgi(path);
  auto head = Head(pgi, PgenPreamble::kBytes);
  head[2] = 0x20;
  const PgenPreamble preamble = ParsePgenPreamble(head, path);
  if (pgi.Size() != preamble.header_bytes()) {
    throw Error(ErrorId::kFileSize,
                fmt::format("the index has {} bytes, its {} records need {}", pgi.Size(),
                            preamble.variants, preamble.header_bytes()))
        .InFile(path)
        .Remedy("copy the .pgen and its .pgen.pgi together from their source");
  }
  PgenIndex index = Parse(preamble, Head(pgi, preamble.header_bytes()), 3, size, file.path());
  index.index_file_ = path;
  return index;
}

uint64_t PgenIndex::BaseOf(uint64_t record) const {
  while (IsLdCompressed(type(record))) --record;  // the first of a block is not
  return record;
}

}  // namespace kinflow
