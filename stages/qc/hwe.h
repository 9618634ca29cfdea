#pragma once

#include <cstdint>

namespace kinflow {

/// Exact test of Hardy-Weinberg equilibrium given the allele counts (Wigginton, Cutler & Abecasis
/// 2005), two-sided by probability; `midp` counts tables as likely as the observed one half
/// (Graffelman & Moreno 2013). 1 without a polymorphic sample (midp: 0.5, as plink2). 0 stands for
/// p-values below 1e-290.
double HweP(uint32_t hets, uint32_t hom1, uint32_t hom2, bool midp);

/// The same on chromosome X with the males' alleles (Graffelman & Weir 2016): tables of female
/// genotypes and male alleles given the allele counts and the numbers of each sex.
double HweXP(uint32_t female_hets, uint32_t female_hom1, uint32_t female_hom2, uint32_t male1,
             uint32_t male2, bool midp);

}  // namespace kinflow
