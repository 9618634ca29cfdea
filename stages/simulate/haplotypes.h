#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/base/philox.h"
#include "stages/simulate/people.h"
#include "stages/simulate/variant_block.h"

namespace kinflow::simulate {

/// The two haplotypes of every person at the variants of one block, one bit a variant, and the
/// state that carries them from block to block: for a founder's haplotype the ancestral haplotype
/// it copies and where it switches; for a child's the parental haplotype it copies and where the
/// next crossover lies. Haplotype 0 comes from the mother, 1 from the father.
///
/// Each haplotype draws from its own stream in order of position, so nothing depends on threads or
/// on the size of a block.
class Haplotypes {
 public:
  Haplotypes(const SimulateOptions& options, const People& people, const VariantStream& variants);

  void Next(const VariantBlock& block);

  using Row = std::array<uint64_t, kBlockWords>;
  const Row& allele(uint32_t person, unsigned side) const { return alleles_[side][person]; }
  /// For child number c (index into People::children): bit v = which haplotype of that parent was
  /// passed on.
  const Row& transmission(uint32_t child, unsigned side) const { return passed_[side][child]; }

 private:
  struct State {
    Philox rng;
    uint32_t copies = 0;
    double next = 0;  // position of the next switch
  };
  void Founder(const VariantBlock& block, uint32_t founder, unsigned side);
  void Child(const VariantBlock& block, uint32_t child, unsigned side);

  const People& people_;
  const VariantStream& variants_;
  std::vector<State> founder_state_[2], child_state_[2];
  std::vector<Row> alleles_[2], passed_[2];
  struct Rare {
    uint32_t variant;
    double share;
  };
  std::vector<Rare> rare_[kPanel];  // of the current block, ascending by variant
};

}  // namespace kinflow::simulate
