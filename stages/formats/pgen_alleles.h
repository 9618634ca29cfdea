#pragma once

#include <cstdint>
#include <vector>

#include "stages/formats/pgen_calls.h"

namespace kinflow {

/// Most ALT alleles of one variant, as in plink2.
inline constexpr uint32_t kPgenMaxAlts = 254;

/// Hard calls that name an allele behind the first ALT: all others of call 1 are REF/ALT1, of call
/// 2 ALT1/ALT1. Alleles count from 0 = REF; 0 <= first <= second. Ascending by sample in each list.
struct AllelePatches {
  struct Call {
    uint32_t sample = 0;
    uint8_t first = 0, second = 0;
  };
  std::vector<Call> with_ref;  // REF/ALTx
  std::vector<Call> two_alts;  // ALTx/ALTy
};

/// Reads track 1 of a variant of `alts` (2 to kPgenMaxAlts) ALT alleles. Throws kMalformed.
void ReadAllelePatches(PgenCursor& in, const uint64_t* calls, uint32_t samples, uint32_t alts,
                       AllelePatches& patches, Difflist& scratch);

/// Calls of one ALT allele (from 1) out of those of all: copies of that allele.
void CallsOfAllele(const uint64_t* calls, const AllelePatches& patches, uint32_t samples,
                   uint32_t allele, uint64_t* out);

}  // namespace kinflow
