#pragma once

#include <cstdint>
#include <vector>

#include "stages/kinship/judged_pairs.h"

namespace kinflow::kinship {

/// A pair that matters to the check of the pedigree.
struct Link {
  enum class State : uint8_t {
    kConfirmed,   // declared and found first degree
    kUncertain,   // found otherwise than declared, but within the errors of sampling
    kRejected,    // declared, and the genotypes exclude it
    kUnexpected,  // not declared, and chance excluded
  };
  size_t pair = 0;  // in the list of judged pairs
  State state = State::kUncertain;
  double p = 1;        // ChancesOf() the pair
  bool alone = false;  // unexpected: to be told even if it fits no other conflict
  bool explained = false;

  /// Unexpected by the Wald test, which errs where variants are few, and neither the score test nor
  /// a conflict says so too: neither relatives nor strangers are excluded.
  bool by_wald_only() const { return state == State::kUnexpected && !alone && !explained; }
  /// What is told of the pair.
  State told() const { return by_wald_only() ? State::kUncertain : state; }
};

const char* StateName(Link::State state);

/// Links above are those of the whole data set whose p, times the number of tests of its kind, is
/// below this.
inline constexpr double kSignificance = 0.01;

/// Probability that chance takes the genotypes of a pair so far from what the pedigree says of it,
/// times the number of tests of its kind: of the declared relation, or, not declared, of unrelated
/// people (score test over all pairs compared). NaN without kinship. By pair.
std::vector<double> ChancesOf(const std::vector<JudgedPair>& pairs, const PairTotals& totals,
                              const Expectations& expected);

/// Of every pair that the pedigree relates in the first to third degree or that is not declared but
/// found so beyond chance. A declared relation is rejected by kinship (two-sided, sampling of
/// variants and segments) or, in first degree, by more IBS0 variants than parent and child or fewer
/// than full sibs have; and only if another relation is found. An undeclared one is unexpected if
/// kinship exceeds 0 by its own error (Wald test) beyond what the largest of all pairs compared may
/// reach, and stands alone if the stricter score test says so too. `chances`: ChancesOf() the
/// pairs.
std::vector<Link> FindLinks(const std::vector<JudgedPair>& pairs,
                            const std::vector<double>& chances, const PairTotals& totals);

/// Takes back what links say of relations below first degree, declared and found: variants that are
/// not pruned are not independent, and errors larger than those that the tests go by.
void DoubtDistant(const std::vector<JudgedPair>& pairs, std::vector<Link>& links);

bool FirstDegree(Relation relation);

}  // namespace kinflow::kinship
