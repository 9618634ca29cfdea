#include "stages/qc/duplicate_variants.h"

#include <fmt/format.h>

namespace kinflow {
namespace {

std::string AllelesOf(const VariantTable& variants, size_t row) {
  return std::string(variants.ref(row)) + ">" + std::string(variants.alt(row));
}

}  // namespace

void DuplicateVariants::Add(const VariantTable& variants) {
  for (size_t i = 0; i < variants.size(); ++i) {
    if (variants.pos(i) != pos_ || variants.chrom(i) != chrom_) {
      chrom_ = variants.chrom(i);
      pos_ = variants.pos(i);
      alleles_ = {AllelesOf(variants, i)};
    } else if (!alleles_.insert(AllelesOf(variants, i)).second && count_++ == 0) {
      first_ = fmt::format("{}:{}", chrom_, pos_);
    }
  }
}

std::string DuplicateVariants::Warning() const {
  if (count_ == 0) return "";
  return fmt::format(
      "{} variant{} once more in the input, with the same position and alleles (the first at {}): "
      "scores use the first of them, or none (scores.match.rules: strict); remove the copies "
      "(bcftools norm -d exact, plink2 --rm-dup)",
      count_, count_ == 1 ? " is" : "s are", first_);
}

}  // namespace kinflow
