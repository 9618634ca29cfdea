#pragma once

#include <map>
#include <vector>

#include "stages/kinship/judged_pairs.h"

namespace kinflow::kinship {

/// Relatives in first degree by genotypes, by sample and in order.
struct FoundRelatives {
  std::map<PairOfSamples, const JudgedPair*> pairs;  // all that are listed
  std::vector<std::vector<uint32_t>> parent_child, sibs;

  /// What is not listed is unrelated.
  Relation Between(uint32_t a, uint32_t b) const;
  bool AreSibs(uint32_t a, uint32_t b) const;
};

/// Two people who may be somebody's parents.
struct Couple {
  uint32_t first = 0, second = 0;
  /// A class fits within its error only: third degree that may be none, or a grandparent who looks
  /// like a full sib.
  bool doubtful = false;
};

/// Couples of whom both are parent or child of `child` and no other pair rules out that they are
/// the parents. A grandparent and a grandchild, or half sibs, who share little by chance look like
/// the parents of the person who links them, so that
///
///   * the two are not related, not in third degree either, unless kinship 0 is within two of its
///     standard errors;
///   * whoever else is parent or child of `child` is the child, related to both of the two;
///   * whoever is parent or child of one of the two is related to `child`;
///   * full sibs of `child` are first-degree relatives of both.
std::vector<Couple> CouplesOf(uint32_t child, const FoundRelatives& found);

}  // namespace kinflow::kinship
