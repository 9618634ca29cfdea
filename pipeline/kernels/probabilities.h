#pragma once

#include <cstdint>

namespace kinflow {

/// Expected copies of the second allele from 8-bit genotype probabilities as BGEN stores them: a
/// pair (P00, P01) a sample, in units of 1/255, P11 being the rest. out[s] = 255 x (P01 + 2 P11)
/// = 510 - 2 P00 - P01, exact. Samples whose ploidy byte has its highest bit set are missing
/// (65535); `ploidy` null: nobody is. Returns false if any called pair sums above 255; `out` is not
/// to be used then.
bool ProbabilitiesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out);

/// The same for phased data: a pair of chances, one a haplotype, that it carries the first allele.
/// out[s] = 510 - first - second, exact.
void HaplotypesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out);

namespace scalar {
bool ProbabilitiesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out);
void HaplotypesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out);
}  // namespace scalar

}  // namespace kinflow
