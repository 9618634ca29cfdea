#pragma once

#include <string_view>

#include "pipeline/kernels/pair_counts.h"
#include "stages/kinship/relation.h"

namespace kinflow::kinship {

/// Shares of the genome at which two people have 0, 1 and 2 alleles by descent, as PLINK's Z0, Z1,
/// Z2 and PI_HAT = Z1 / 2 + Z2, by moments: Z0 from the IBS0 variants beside those of unrelated
/// people, PI_HAT from the kinship, which needs no allele frequencies and so is not raised by
/// ancestry. Bounded to what can be.
struct IbdShares {
  double z0, z1, z2, pi_hat;
};
IbdShares IbdSharesOf(const PairCounts& pair, double unrelated_ibs0);

/// "yes" if PI_HAT lies where MoBaPsychGen lets a declared relation lie: 0.4 to 0.6 for parent and
/// child and full sibs, 0.15 to 0.35 in second degree (half sibs), at most 0.15 for all others;
/// else "no". "NA" without kinship, and for one person twice.
std::string_view InWindow(double pi_hat, Relation declared);

}  // namespace kinflow::kinship
