#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

#include "pipeline/graph/genotype_source.h"

namespace kinflow {

/// Asks a predicate about records that are not decoded, so that their alleles are not known. One
/// thread at a time.
class RecordChoice {
 public:
  RecordChoice() = default;
  explicit RecordChoice(VariantPredicate wanted) : wanted_(std::move(wanted)) {}
  /// False if there is no predicate.
  bool given() const { return static_cast<bool>(wanted_); }
  /// True without a predicate.
  bool Wants(std::string_view chrom, uint32_t pos, std::string_view id, bool multiallelic) {
    if (!wanted_) return true;
    one_.Clear();
    one_.Append(chrom, pos, id, "", "", std::numeric_limits<float>::quiet_NaN(), multiallelic);
    return wanted_(one_, 0);
  }

 private:
  VariantPredicate wanted_;
  VariantTable one_;
};

}  // namespace kinflow
