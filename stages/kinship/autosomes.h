#pragma once

#include "pipeline/data/variant_table.h"

namespace kinflow::kinship {

/// Chromosomes 1 to 22. The pseudoautosomal part of X (XY) is inherited like them, but linked to
/// the sex: it is left out, as in PLINK.
inline bool OnAutosome(const VariantTable& variants, size_t row) {
  return variants.chrom_class(row) == ChromClass::kAutosome && variants.chrom(row) != "XY";
}

}  // namespace kinflow::kinship
