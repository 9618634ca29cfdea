#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/base/error.h"
#include "pipeline/data/sample_table.h"
#include "stages/formats/genotype_options.h"

namespace kinflow {

struct ContigLine {
  std::string name;     // as written
  uint64_t length = 0;  // 0 = not stated
};

/// What kinflow needs of a VCF or BCF header.
struct VcfHeader {
  std::vector<std::string> formats, infos;  // declared ids
  std::vector<ContigLine> contigs;          // header order; BCF: index = CHROM number
  std::vector<std::string> dictionary;      // BCF: FILTER/INFO/FORMAT ids by number
  std::string reference;                    // text of ##reference
  std::string build_text;                   // assembly= of the first contig that has one
  SampleTablePtr samples;
  uint64_t lines = 0;

  bool HasFormat(std::string_view id) const;
  /// Stated length of a contig, 0 if unknown.
  uint64_t ContigLength(std::string_view name) const;
  std::vector<std::string> ContigNames() const;  // by number
  /// INFO keys of imputation quality that are declared, in order of preference.
  std::vector<std::string> QualityKeys() const;
};

/// Collects header lines. Throws kMalformed with the line, kDuplicateSamples, kLimitExceeded.
class VcfHeaderParser {
 public:
  VcfHeaderParser(std::string file, uint64_t max_bytes = 64ull << 20);
  /// One line without its end; true after the #CHROM line.
  bool Line(std::string_view line);
  VcfHeader Finish();
  /// What the lines so far declare, of a file without genotype columns.
  VcfHeader TakeMeta() { return std::move(header_); }

 private:
  void MetaLine(std::string_view line);
  void ColumnLine(std::string_view line);
  void Declare(std::string_view body, std::vector<std::string>& ids);
  void DeclareContig(std::string_view body);
  Error Malformed(std::string what) const;

  std::string file_;
  uint64_t max_bytes_, bytes_ = 0;
  VcfHeader header_;
};

}  // namespace kinflow
