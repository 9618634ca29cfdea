#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pipeline/base/error.h"
#include "stages/formats/chrom_names.h"
#include "stages/formats/variant_order.h"
#include "stages/formats/vcf_header.h"

namespace kinflow {

/// Checks sites in file order: chromosome names, positions, order, contig lengths; counts records a
/// contig. Serial part of VCF and BCF reading.
class SiteChecker {
 public:
  /// `header` null: a format that declares no contigs.
  SiteChecker(std::string file, const VcfHeader* header, VariantOrderPtr order)
      : file_(std::move(file)), header_(header), order_(std::move(order)) {}

  /// Normalised name of a contig as written; cached, so cheap for a run of equal ones. Throws
  /// kMalformed if the file has the contig under another name, too.
  const std::string& Chrom(std::string_view written);
  /// Takes a record of the contig last given to Chrom(). Throws kMalformed, kVariantOrder.
  void Take(int64_t pos);
  uint64_t records() const { return records_; }
  /// From now on not all records come: messages and the order check have no record numbers.
  void ForgetNumbers() { numbered_ = false; }
  /// Records by contig as written.
  const std::unordered_map<std::string, uint64_t>& by_contig() const { return by_contig_; }

 private:
  uint64_t Number(uint64_t record) const { return numbered_ ? record : 0; }

  std::string file_;
  const VcfHeader* header_;
  VariantOrderPtr order_;
  ChromNames names_;
  std::string written_;
  uint64_t length_ = 0;
  uint64_t* count_ = nullptr;
  uint64_t records_ = 0;
  bool numbered_ = true;
  std::unordered_map<std::string, uint64_t> by_contig_;
};

/// A record is a tile row for each alternative allele: more of them than any caller writes are
/// refused, so that a record of commas does not take all memory.
constexpr uint32_t kMaxAlternatives = 1024;
/// kLimitExceeded for a record of more.
Error TooManyAlleles(uint32_t n_alt, const std::string& file, uint64_t record);

/// Imputation quality of one allele out of a VCF INFO column: the first of `keys` that is there; a
/// value list goes by allele (`allele` from 1). NaN if absent or '.'.
float QualityOf(std::string_view info, const std::vector<std::string>& keys, uint32_t allele);

}  // namespace kinflow
