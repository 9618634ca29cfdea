#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/base/error.h"
#include "stages/formats/chunk_stream.h"
#include "stages/formats/record_site.h"
#include "stages/formats/vcf_header.h"

namespace kinflow {

/// One data line inside a chunk. From begin the nine fixed columns, then samples; every column
/// (also the last) ends with a tab; end is behind the last tab.
struct VcfLine {
  const char* begin = nullptr;
  const char* end = nullptr;
  uint64_t record = 0;
  int64_t pos = 0;
  uint32_t n_alt = 0;
  uint32_t id = 0, ref = 0, alt = 0, qual = 0;  // offsets of columns from begin
  std::string_view Column(uint32_t from, uint32_t to) const {
    return {begin + from, static_cast<size_t>(to - from - 1)};
  }
};

/// Header and data lines of a text VCF, plain, gzip or BGZF. Serial. Throws kFormatUnknown,
/// kMalformed, kLimitExceeded, kTruncated.
class VcfReader {
 public:
  VcfReader(const std::string& path, uint64_t max_allele);

  const VcfHeader& header() const { return header_; }
  ChunkStream& stream() { return stream_; }
  const ChunkStream& stream() const { return stream_; }
  const std::string& path() const { return path_; }

  /// Parses the head of the next line without taking it; false at the end. `chrom` is as written.
  bool Peek(VcfLine& line, std::string_view& chrom);
  /// Takes the line of the last Peek. It stays valid as long as the caller holds stream().chunk().
  void Take(VcfLine& line);
  /// Bytes of data before the first record.
  uint64_t header_bytes() const { return header_bytes_; }
  /// Goes on with the records of these parts of a BGZF file alone (spans hold whole lines). Records
  /// have no number (0) then.
  void Restrict(std::vector<VirtualSpan> spans);
  /// Bytes of the next line (estimate of all), 0 if there is none.
  uint64_t NextLineBytes();

 private:
  bool FindLine(size_t& length);
  void ReadHeader();
  uint64_t Number() const { return numbered_ ? records_ + 1 : 0; }
  uint64_t LineNumber() const { return numbered_ ? header_.lines + records_ + 1 : 0; }
  void CheckLimits(size_t scanned);
  void CheckSamples(size_t length);
  void ParseHead(size_t length, VcfLine& line, std::string_view& chrom);
  Error Malformed(std::string_view what) const;

  std::string path_;
  ChunkStream stream_;
  VcfHeader header_;
  uint64_t max_allele_;
  uint64_t max_line_ = 256ull << 20;
  size_t line_bytes_ = 0;  // of the line last found, without its end
  uint64_t records_ = 0;
  uint64_t header_bytes_ = 0;
  bool numbered_ = true;
  bool ended_ = false;
};

}  // namespace kinflow
