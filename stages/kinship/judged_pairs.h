#pragma once

#include <vector>

#include "stages/kinship/classes.h"
#include "stages/kinship/pairs.h"
#include "stages/kinship/relation.h"

namespace kinflow::kinship {

/// A pair with what the genotypes and the pedigree say of it.
struct JudgedPair {
  Pair pair;
  Relation found = Relation::kUnrelated;
  Relation declared = Relation::kUnrelated;
  double declared_kinship = 0;
  bool maybe_full_sibs = false;  // DeclaredPair
};

/// What relations look like in these data. The IBS0 share of unrelated people is that of the pairs
/// below third degree; that of parent and child is pooled over the declared ones who are first
/// degree (the usual 0.001 if there are fewer than ten).
Expectations ExpectationsOf(const std::vector<Pair>& pairs, const PairTotals& totals,
                            const std::vector<DeclaredPair>& declared, GenomeSharing sharing);

/// Both lists in order of samples.
std::vector<JudgedPair> JudgePairs(const std::vector<Pair>& pairs,
                                   const std::vector<DeclaredPair>& declared,
                                   const Expectations& expected);

}  // namespace kinflow::kinship
