#pragma once

#include "stages/scores/effect.h"
#include "stages/scores/ploidy.h"

namespace kinflow {

/// Dosage of the effect allele as the effect type sees it. One copy is all a haploid call has.
double EffectDosage(EffectType effect, bool effect_is_ref, const Ploidy& call);

/// Expected EffectDosage of a missing genotype (plink2): additive f a copy, dominant and recessive
/// f, parts of a non-additive line what Hardy-Weinberg proportions lead to expect. `alt_freq` NaN:
/// nothing is known, or missing genotypes are left out, and nothing added.
double ImputedDosage(EffectType effect, bool effect_is_ref, double alt_freq, uint8_t copies);

}  // namespace kinflow
