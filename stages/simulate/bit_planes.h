#pragma once

#include <cstdint>
#include <vector>

#include "stages/simulate/haplotypes.h"

namespace kinflow::simulate {

/// Transposes a 64 x 64 bit matrix in place: bit j of word i <-> bit i of word j.
void Transpose64(uint64_t* words);

/// The same bits as Haplotypes, one row a variant: bit p of allele(side, v) is person p's.
class BitPlanes {
 public:
  explicit BitPlanes(const People& people);

  void Load(const Haplotypes& haplotypes);

  const uint64_t* allele(unsigned side, uint32_t variant) const {
    return &alleles_[side][variant * person_words_];
  }
  const uint64_t* transmission(unsigned side, uint32_t variant) const {
    return &passed_[side][variant * child_words_];
  }

 private:
  uint32_t people_, children_;
  size_t person_words_, child_words_;
  std::vector<uint64_t> alleles_[2], passed_[2];
};

inline bool TestBit(const uint64_t* words, uint32_t i) { return (words[i / 64] >> (i % 64)) & 1; }

}  // namespace kinflow::simulate
