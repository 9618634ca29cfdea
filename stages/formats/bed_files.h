#pragma once

#include <cstdint>
#include <string>

#include "pipeline/data/sample_table.h"
#include "pipeline/data/variant_table.h"
#include "stages/formats/variant_order.h"

namespace kinflow {

/// Samples of a .fam: FID IID father mother sex phenotype. Throws kMalformed with the line.
SampleTablePtr ReadFamSamples(const std::string& path);

/// Variants of a .bim: chromosome, id, cM, position, A1, A2. A1 is ALT (the counted allele), A2
/// REF, '0' is '.'. Throws kMalformed with the line, kVariantOrder, kLimitExceeded.
VariantTable ReadBim(const std::string& path, uint64_t max_allele, VariantOrder& order);

/// Bytes of one variant in a .bed.
inline uint64_t BedRowBytes(uint32_t samples) { return (uint64_t{samples} + 3) / 4; }

/// Checks magic, mode and exact size of a .bed, and that no people follow those of the .fam. Throws
/// kFormatUnknown, kFileSize.
void CheckBed(const std::string& path, uint64_t samples, uint64_t variants);

/// The tables beside a .bed, which has the name of a .pgen (storage mode 1) at times: checked
/// against its size. Throws what is wrong with one of the files.
struct BedFiles {
  SampleTablePtr samples;
  VariantTable variants;
  static BedFiles Open(const std::string& path, uint64_t max_allele, VariantOrder& order);
};

}  // namespace kinflow
