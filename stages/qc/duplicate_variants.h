#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "pipeline/data/variant_table.h"

namespace kinflow {

/// Counts variants that stand in the input more than once: same chromosome, position and alleles,
/// whatever their ids. Tables come in plan order; positions ascend within a chromosome, so only the
/// alleles at one position are held.
class DuplicateVariants {
 public:
  void Add(const VariantTable& variants);
  uint64_t count() const { return count_; }
  /// What to warn of; "" if there is none.
  std::string Warning() const;

 private:
  std::string chrom_;
  uint32_t pos_ = 0;
  std::set<std::string> alleles_;  // "REF>ALT" at the position
  uint64_t count_ = 0;
  std::string first_;  // where
};

}  // namespace kinflow
