#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/data/variant_table.h"
#include "stages/formats/frequency_file.h"
#include "stages/qc/reference_fit.h"

namespace kinflow {

/// Finds variants in a table of frequencies: by position, or by id where the table has none. Of
/// several rows at the place the one whose alleles fit best counts.
class ReferenceMatch {
 public:
  explicit ReferenceMatch(const VariantTable& variants) : variants_(variants) {}
  /// Reads `file` to its end, once. Throws kMalformed, also where a variant has two frequencies.
  void Read(FrequencyFileReader& file);
  const ReferenceAllele& At(size_t variant) const { return found_[variant]; }

 private:
  void Take(uint32_t variant, const FrequencyRow& row, const std::string& path);

  const VariantTable& variants_;
  std::vector<ReferenceAllele> found_;
};

}  // namespace kinflow
