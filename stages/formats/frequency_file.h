#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/line_reader.h"

namespace kinflow {

/// Frequency of one ALT allele. Views are valid until the next row is read.
struct FrequencyRow {
  std::string_view chrom;  // normalised; "" if the file has none
  uint32_t pos = 0;        // 0 = the file has none
  std::string_view id;     // "" = none
  std::string_view ref, alt;
  double alt_freq = 0;
  double alleles = 0;  // counted for it; NaN = the file does not say
  uint64_t line = 0;
};

/// Streams allele frequencies of another cohort: .afreq of plink2 (with or without POS), .frq of
/// PLINK 1.9 (A1 is taken for ALT), or kinflow's own variants.tsv.gz. Multi-allelic rows come as
/// one row an ALT; rows without a frequency (NA, nan) are left out.
class FrequencyFileReader {
 public:
  /// Reads the header. Throws kColumnMissing and what LineReader throws.
  explicit FrequencyFileReader(const std::string& path);
  /// Throws kMalformed with line, field and value.
  bool Next(FrequencyRow& row);
  bool has_positions() const { return chrom_ >= 0 && pos_ >= 0; }
  const std::string& path() const { return reader_.path(); }

 private:
  int32_t Find(std::initializer_list<std::string_view> names) const;
  bool ReadRow();
  double Alleles() const;
  std::string_view Field(int32_t column) const;
  [[noreturn]] void Malformed(const char* what, int32_t column) const;

  LineReader reader_;
  std::vector<std::string> names_;
  int32_t chrom_ = -1, pos_ = -1, id_ = -1, ref_ = -1, alt_ = -1, freq_ = -1, count_ = -1;
  std::vector<std::string_view> fields_, alts_, freqs_;
  std::string chrom_name_;
  uint32_t position_ = 0;
  size_t next_alt_ = 0;
};

}  // namespace kinflow
