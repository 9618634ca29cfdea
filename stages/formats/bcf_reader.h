#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"
#include "stages/formats/chunk_stream.h"
#include "stages/formats/vcf_header.h"

namespace kinflow {

/// Bounds-checked little-endian walk over one part of a BCF record. Running out of bytes sets bad()
/// and gives zeros; callers check once.
class BcfCursor {
 public:
  BcfCursor(const char* p, size_t n) : p_(p), end_(p + n) {}

  template <class T>
  T Get() {
    T value{};
    if (const char* at = Take(sizeof(T)); at != nullptr) std::memcpy(&value, at, sizeof(T));
    return value;
  }
  const char* Take(uint64_t n) {
    if (n > static_cast<uint64_t>(end_ - p_)) {
      bad_ = true;
      p_ = end_;
      return nullptr;
    }
    const char* at = p_;
    p_ += n;
    return at;
  }
  bool bad() const { return bad_; }
  size_t left() const { return static_cast<size_t>(end_ - p_); }

  /// A typed value's descriptor.
  struct Typed {
    uint8_t type = 0;  // 0 none, 1 int8, 2 int16, 3 int32, 5 float, 7 char
    uint32_t n = 0;
    uint32_t width() const {
      return type == 2 ? 2 : type == 3 || type == 5 ? 4 : type == 0 ? 0 : 1;
    }
  };
  Typed GetTyped();
  int32_t GetInt();  // one typed integer
  std::string_view GetText();
  void SkipTyped();

 private:
  const char* p_;
  const char* end_;
  bool bad_ = false;
};

/// One record inside a chunk.
struct BcfRecord {
  const char* shared = nullptr;
  const char* individual = nullptr;
  uint32_t shared_bytes = 0, individual_bytes = 0;
  uint64_t record = 0;
  int32_t contig = 0;
  int64_t pos = 0;  // 1-based
  uint32_t n_alt = 0;
  uint32_t n_format = 0;
  /// The ID column, "." if there is none; empty if it cannot be read.
  std::string_view Id() const;
};

/// Header and record borders of a BCF file (version 2.1 and 2.2), BGZF or plain. Serial. Own
/// reader: no file is opened by name by any library. Throws kFormatUnknown, kMalformed, kTruncated,
/// kLimitExceeded.
class BcfReader {
 public:
  explicit BcfReader(const std::string& path);

  const VcfHeader& header() const { return header_; }
  ChunkStream& stream() { return stream_; }
  const ChunkStream& stream() const { return stream_; }
  const std::string& path() const { return path_; }
  bool Peek(BcfRecord& record, std::string_view& chrom);
  void Take(const BcfRecord& record);
  uint64_t NextRecordBytes();
  /// Bytes of data before the first record.
  uint64_t header_bytes() const { return header_bytes_; }
  /// Goes on with the records of these parts of a BGZF file alone (spans hold whole records).
  /// Records have no number (0) then.
  void Restrict(std::vector<VirtualSpan> spans);

 private:
  uint64_t Number() const { return numbered_ ? records_ + 1 : 0; }
  bool Need(size_t n);
  Error Malformed(std::string_view what) const;

  std::string path_;
  ChunkStream stream_;
  VcfHeader header_;
  uint64_t records_ = 0;
  uint64_t header_bytes_ = 0;
  bool numbered_ = true;
};

}  // namespace kinflow
