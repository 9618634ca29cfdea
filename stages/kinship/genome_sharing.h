#pragma once

#include "pipeline/data/variant_table.h"
#include "stages/kinship/relation.h"

namespace kinflow::kinship {

/// How much what relatives share varies around its expectation, since whole segments are passed on:
/// by the stretches of chromosomes that the variants cover, at 1.2 cM a Mb (Haldane's map, variants
/// evenly spread over their chromosomes; variance of sharing as in Hill and Weir 2011).
class GenomeSharing {
 public:
  void Add(const VariantTable& variants);

  /// Variance of the realised kinship of a relation; second degree as for grandparents, third as
  /// for great-grandparents, which vary most.
  double KinshipVariance(Relation relation) const;
  /// Variance of the share of the genome at which full sibs have no allele in common (mean 1/4).
  double Ibd0Variance() const;

 private:
  struct Chrom {
    std::string name;
    uint32_t begin = 0, end = 0;
    uint64_t variants = 0;
  };
  /// Mean over pairs of variants of exp(-rate x distance in Morgans), 0 between chromosomes.
  double MeanDecay(double rate) const;

  std::vector<Chrom> chroms_;
};

}  // namespace kinflow::kinship
