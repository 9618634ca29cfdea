#pragma once

#include "stages/kinship/genome_sharing.h"
#include "stages/kinship/pairs.h"
#include "stages/kinship/relation.h"

namespace kinflow::kinship {

/// How pairs of each relation look in the data at hand.
struct Expectations {
  GenomeSharing sharing;
  double error_ibs0 = 0.001;    // IBS0 share of parent and child: genotyping errors alone
  double unrelated_ibs0 = 0.1;  // IBS0 share of unrelated people

  /// Log probability density of kinship and of the number of IBS0 variants of the pair if it were
  /// full sibs, or parent and child. The number is negative binomial: for full sibs the share of
  /// the genome without a common allele varies, for parent and child the error rate does, from
  /// sample to sample (exponentially around its mean).
  double LogFullSib(const PairCounts& pair) const;
  double LogParentChild(const PairCounts& pair) const;
  /// Probability of at least so many IBS0 variants in parent and child.
  double ParentChildTail(const PairCounts& pair) const;
  /// Probability of at most so many IBS0 variants in full sibs.
  double FullSibTail(const PairCounts& pair) const;
  /// Standard deviation of the kinship estimate of a pair of this relation: sampling of variants,
  /// and of segments; for parent and child what ancestry does.
  double KinshipSd(const PairCounts& pair, Relation relation) const;

 private:
  /// Beyond that of a Poisson number.
  double Ibs0VarianceOfSibs(const PairCounts& pair) const;
};

/// The relation that the genotypes show. By KING's cut-offs, but above second degree with regard to
/// the errors at hand: a duplicate if kinship is nearer to 1/2 than to full sibs' 1/4 in standard
/// deviations, else parent and child or full sibs, whichever is the more likely.
Relation Classify(const PairCounts& pair, const Expectations& expected);

}  // namespace kinflow::kinship
