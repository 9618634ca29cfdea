#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stages/formats/variant_order.h"
#include "stages/formats/vcf_header.h"

namespace kinflow {

/// Checks sites in file order: chromosome names, positions, order, contig lengths; counts records a
/// contig. Serial part of VCF and BCF reading.
class SiteChecker {
 public:
  SiteChecker(std::string file, const VcfHeader* header, VariantOrderPtr order)
      : file_(std::move(file)), header_(header), order_(std::move(order)) {}

  /// Normalised name of a contig as written; cached, so cheap for a run of equal ones.
  const std::string& Chrom(std::string_view written);
  /// Takes a record of the contig last given to Chrom(). Throws kMalformed, kVariantOrder.
  /// `record` is its number in the file, 0 = unknown.
  void Take(int64_t pos, uint64_t record);
  /// Records by contig as written.
  const std::unordered_map<std::string, uint64_t>& by_contig() const { return by_contig_; }

 private:
  std::string file_;
  const VcfHeader* header_;
  VariantOrderPtr order_;
  std::string written_, chrom_;
  uint64_t length_ = 0;
  uint64_t* count_ = nullptr;
  std::unordered_map<std::string, uint64_t> by_contig_;
};

/// Imputation quality of one allele out of a VCF INFO column: the first of `keys` that is there; a
/// value list goes by allele (`allele` from 1). NaN if absent or '.'.
float QualityOf(std::string_view info, const std::vector<std::string>& keys, uint32_t allele);

}  // namespace kinflow
