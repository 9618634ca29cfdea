#pragma once

#include "pipeline/kernels/pair_counts.h"

namespace kinflow::kinship {

// Degrees of relationship by kinship, half-way between the powers of 1/2 (KING's cut-offs).
inline constexpr double kLeastDuplicate = 0.354, kLeastFirst = 0.177, kLeastSecond = 0.0884,
                        kLeastThird = 0.0442;

/// KING-robust kinship of a pair (Manichaikul et al. 2010, between-family estimator, equation 11):
///   1/2 - (4 ibs0 + het_hom + hom_het) / (4 min(het_1, het_2)),
/// het_k counted where both have a call. -infinity or NaN if one of them has no heterozygous call
/// there.
double Kinship(const PairCounts& pair);

/// Standard error of Kinship() from the pair's own counts: that of a ratio of sums over independent
/// variants (delta method). Variants in linkage disequilibrium make the true error larger.
double KinshipError(const PairCounts& pair);

/// Standard error of Kinship() if the pair were parent and child, who have no IBS0 variant.
double ParentChildError(const PairCounts& pair);

/// Kinship over its standard error if the pair were unrelated (true kinship 0): a score test, whose
/// tail is not heavier than the normal one where variants are few.
double UnrelatedZ(const PairCounts& pair);

double HetHetShare(const PairCounts& pair);
double Ibs0Share(const PairCounts& pair);
/// Share of the variants at which both have the same call: of one person typed twice, one less the
/// error rates.
double Concordance(const PairCounts& pair);

}  // namespace kinflow::kinship
