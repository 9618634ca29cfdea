#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/base/file.h"

namespace kinflow {

/// The first bytes of a .pgen, which say how long its header is.
struct PgenPreamble {
  static constexpr size_t kBytes = 12;

  uint8_t mode = 0;  // 2 hard calls, 3 dosages, 4 phased dosages, all of fixed width; 0x10
                     // variable; 0x20 variable with this header in FILE.pgi instead
  uint8_t control = 0;
  uint32_t variants = 0, samples = 0;

  bool fixed_width() const { return mode < 0x10; }
  /// Of the fixed-width modes.
  uint8_t record_type() const { return mode == 2 ? 0x00 : mode == 3 ? 0x40 : 0xc0; }
  uint64_t record_bytes() const;  // of the fixed-width modes, else 0
  /// Bytes of the file in front of its first record.
  uint64_t header_bytes() const;
};

/// Throws kFormatUnknown (no .pgen, or a storage mode that is not read), kTruncated, kMalformed.
/// `head`: the first kBytes bytes, or fewer if the file is shorter.
PgenPreamble ParsePgenPreamble(std::span<const uint8_t> head, const std::string& file);

/// Where each record of a .pgen lies and how it is stored.
class PgenIndex {
 public:
  /// `header`: the preamble's header_bytes(). Checks that records follow each other without gaps
  /// from `records_begin` to the last byte of the file. Throws kMalformed with the record,
  /// kTruncated, kFileSize.
  static PgenIndex Parse(const PgenPreamble& preamble, std::span<const uint8_t> header,
                         uint64_t records_begin, uint64_t file_bytes, const std::string& file);
  /// Reads preamble and header of an open file, or of its .pgi. Throws kMissingFile without one.
  static PgenIndex Read(const FileHandle& file);

  uint32_t variants() const { return preamble_.variants; }
  uint32_t samples() const { return preamble_.samples; }
  uint8_t type(uint64_t record) const {
    return preamble_.fixed_width() ? preamble_.record_type() : types_[record];
  }
  /// Byte of the file where the record begins; begin(variants()) is the file's size.
  uint64_t begin(uint64_t record) const {
    return preamble_.fixed_width() ? preamble_.header_bytes() + record * preamble_.record_bytes()
                                   : begins_[record];
  }
  uint64_t bytes(uint64_t record) const { return begin(record + 1) - begin(record); }
  uint64_t largest_record() const { return largest_; }
  /// True if any record has dosages.
  bool has_dosages() const { return has_dosages_; }
  /// The record that `record` compares with: itself unless it is LD-compressed.
  uint64_t BaseOf(uint64_t record) const;
  /// Stated numbers of ALT alleles, one a record; empty if the file states none.
  const std::vector<uint32_t>& alts() const { return alts_; }
  /// The file that holds the header: FILE.pgi in mode 0x20; "" = the .pgen itself.
  const std::string& index_file() const { return index_file_; }

 private:
  friend class PgenIndexReader;
  PgenPreamble preamble_;
  std::vector<uint8_t> types_;    // variable width only
  std::vector<uint64_t> begins_;  // of each record, then the end of the last
  std::vector<uint32_t> alts_;
  uint64_t largest_ = 0;
  std::string index_file_;
  bool has_dosages_ = false;
};

}  // namespace kinflow
