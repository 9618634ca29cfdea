#pragma once

#include <vector>

#include "pipeline/data/cohort.h"
#include "stages/kinship/pairs.h"

namespace kinflow::kinship {

/// What two people are to each other, from the genotypes (class) or from the pedigree (declared).
enum class Relation : uint8_t {
  kUnrelated,
  kThirdDegree,
  kSecondDegree,
  kFullSib,
  kParentChild,
  kDuplicate,  // one person twice, or monozygotic twins
};
const char* RelationName(Relation relation);  // "parent-child", ...

/// A pair that the pedigree relates.
struct DeclaredPair {
  PairOfSamples samples;
  Relation relation = Relation::kUnrelated;
  double kinship = 0;  // by the pedigree
  /// They share one parent and nothing is known of the other: full sibs, perhaps.
  bool maybe_full_sibs = false;
};

/// All pairs of genotyped people with third-degree relations or closer, in order. Relations run
/// through people of the pedigree who are not genotyped, back to great-grandparents.
std::vector<DeclaredPair> DeclaredPairs(const Cohort& cohort);

}  // namespace kinflow::kinship
