#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/kernels/counts.h"
#include "pipeline/store/h5_file.h"

namespace kinflow {

/// Counts of one group of people over many variants; index = variant.
struct StratumCounts {
  std::vector<CallCounts> calls;    // hard calls; of dosages by the hard-call threshold
  std::vector<DosageSums> dosages;  // stored units; empty for hard-call inputs

  void Resize(size_t n, bool with_dosages);
  void Write(H5Writer& file, const std::string& group) const;
  static StratumCounts Read(const H5Reader& file, const std::string& group);
};

/// What one scan counts for each variant of a shard. X, Y and MT variants are counted by sex too;
/// on X haploid calls of people of unknown sex are with the males.
struct VariantCounts {
  uint32_t units = 1;          // per allele copy
  bool has_dosages = false;    // units > 1: `dosages` of the strata are filled
  std::vector<uint64_t> rows;  // plan order
  StratumCounts founders, others;
  std::vector<uint32_t> mendel_errors, mendel_checked;  // trios
  std::vector<uint32_t> mendel_blamed;                  // calls
  /// Place of each variant in the strata by sex, or kNoSexRow.
  static constexpr uint32_t kNoSexRow = UINT32_MAX;
  std::vector<uint32_t> sex_row;
  uint32_t sex_rows = 0;
  StratumCounts founder_males, founder_females, other_males, other_females;

  size_t size() const { return rows.size(); }
  void Clear();
  /// Appends a variant with zero counts.
  void Append(uint64_t row, bool by_sex);
  /// All but the variants of `gone` (ascending rows, each of them here).
  VariantCounts Without(const std::vector<uint64_t>& gone) const;
  void Write(H5Writer& file) const;
  static VariantCounts Read(const H5Reader& file);
};

}  // namespace kinflow
