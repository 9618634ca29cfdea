#include "stages/simulate/bit_planes.h"

#include <tbb/parallel_for.h>

#include <algorithm>

namespace kinflow::simulate {
namespace {

// `row(i)` gives the bits of item i at the block's variants.
template <class RowOf>
void TransposeAll(uint32_t items, size_t words, std::vector<uint64_t>& planes, const RowOf& row) {
  tbb::parallel_for(size_t{0}, words, [&](size_t group) {
    const auto first = static_cast<uint32_t>(group * 64);
    const uint32_t n = std::min<uint32_t>(64, items - first);
    for (uint32_t w = 0; w < kBlockWords; ++w) {
      uint64_t square[64] = {};
      for (uint32_t i = 0; i < n; ++i) square[i] = row(first + i)[w];
      Transpose64(square);
      for (uint32_t v = 0; v < 64; ++v) planes[(w * 64 + v) * words + group] = square[v];
    }
  });
}

}  // namespace

void Transpose64(uint64_t* a) {
  uint64_t mask = 0x00000000FFFFFFFFull;
  for (unsigned j = 32; j != 0; j >>= 1, mask ^= mask << j) {
    for (unsigned k = 0; k < 64; k = ((k | j) + 1) & ~j) {
      const uint64_t t = ((a[k] >> j) ^ a[k | j]) & mask;
      a[k] ^= t << j;
      a[k | j] ^= t;
    }
  }
}

BitPlanes::BitPlanes(const People& people)
    : people_(static_cast<uint32_t>(people.persons.size())),
      children_(static_cast<uint32_t>(people.children.size())),
      person_words_((people_ + 63) / 64),
      child_words_((children_ + 63) / 64) {
  for (unsigned side = 0; side < 2; ++side) {
    alleles_[side].resize(person_words_ * kBlockVariants);
    passed_[side].resize(child_words_ * kBlockVariants);
  }
}

void BitPlanes::Load(const Haplotypes& haplotypes) {
  for (unsigned side = 0; side < 2; ++side) {
    TransposeAll(people_, person_words_, alleles_[side],
                 [&](uint32_t i) { return haplotypes.allele(i, side); });
    TransposeAll(children_, child_words_, passed_[side],
                 [&](uint32_t i) { return haplotypes.transmission(i, side); });
  }
}

}  // namespace kinflow::simulate
