#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "pipeline/base/file.h"
#include "pipeline/data/sample_table.h"
#include "stages/formats/bgen_header.h"
#include "stages/formats/bgzf_reader.h"
#include "stages/formats/genotype_options.h"

namespace kinflow {

/// Header, sample ids and variant borders of a BGEN file. Reads big pieces in order, or jumps:
/// genotype data that nobody takes is not read. Not thread-safe, but for bytes_read(). Throws what
/// the parsers do, kTruncated and kRecordCount.
class BgenReader {
 public:
  BgenReader(const std::string& path, uint64_t max_allele);

  const std::string& path() const { return file_.path(); }
  const BgenHeader& header() const { return header_; }
  /// The .sample of the file: the one named, else the one beside it, else "".
  std::string SampleFile(const BgenReading& reading) const;
  /// The samples, of the .sample or of the file's own ids (JoinOxfordSamples).
  SampleTablePtr ReadSamples(const BgenReading& reading) const;
  uint64_t file_bytes() const { return file_bytes_; }
  uint64_t bytes_read() const { return bytes_read_.load(std::memory_order_relaxed); }
  /// Bytes of one variant, about.
  uint64_t variant_bytes() const;

  /// The next variant, valid until the next call of any function; false at the end, where the
  /// number of variants has been checked against the header.
  bool Peek(BgenVariant& variant);
  /// Passes over the variant last seen.
  void Skip(const BgenVariant& variant);
  /// The same, and appends its bytes, header first.
  void Take(const BgenVariant& variant, ByteBuffer& out);
  /// Goes to a variant: its byte in the file, and how many come before it. From here on pieces of
  /// `piece_bytes` are read, or of one variant if that is more.
  void Seek(uint64_t offset, uint64_t variants_before, uint64_t piece_bytes = kPieceBytes);
  uint64_t record() const { return record_; }  // variants passed
  uint64_t offset() const { return offset_; }  // of the next variant

 private:
  static constexpr uint64_t kPieceBytes = 1 << 20;
  void ReadHead();
  std::span<const uint8_t> Window(uint64_t bytes);
  void CheckEnd() const;

  FileHandle file_;
  uint64_t file_bytes_ = 0;
  uint64_t max_allele_ = 0;
  BgenHeader header_;
  std::vector<std::string> ids_;  // of samples, if the file holds them
  uint64_t offset_ = 0, record_ = 0;
  std::vector<uint8_t> window_;  // bytes of the file from window_begin_ on
  uint64_t window_begin_ = 0;
  uint64_t piece_bytes_ = kPieceBytes;
  std::atomic<uint64_t> bytes_read_{0};
};

}  // namespace kinflow
