#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/data/variant_table.h"
#include "stages/formats/variant_order.h"
#include "stages/formats/vcf_header.h"

namespace kinflow {

/// Variants of a .pvar, one row an ALT allele, and which rows belong to which record of the .pgen.
class PvarVariants {
 public:
  VariantTable rows;
  VcfHeader header;  // what its ## lines declare

  uint64_t records() const { return first_row_.empty() ? rows.size() : first_row_.size() - 1; }
  /// First row of a record; RowOf(records()) is the number of rows.
  uint64_t RowOf(uint64_t record) const { return first_row_.empty() ? record : first_row_[record]; }
  uint32_t Alts(uint64_t record) const {
    return static_cast<uint32_t>(RowOf(record + 1) - RowOf(record));
  }
  /// The record that a row is of.
  uint64_t RecordOf(uint64_t row) const {
    if (first_row_.empty()) return row;
    return static_cast<uint64_t>(std::upper_bound(first_row_.begin(), first_row_.end(), row) -
                                 first_row_.begin()) -
           1;
  }
  /// Takes in a record whose rows are the last `alts` of `rows`.
  void AddRecord(uint32_t alts);

 private:
  std::vector<uint64_t> first_row_;  // empty while every record has one row
};

/// Reads a .pvar (VCF columns) or, if its first line is no header, a .bim; plain, gzip or
/// Zstandard. INFO gives the imputation quality, as in VCF. Throws kMalformed with the line,
/// kVariantOrder, kLimitExceeded.
PvarVariants ReadPvar(const std::string& path, uint64_t max_allele, VariantOrder& order);

}  // namespace kinflow
