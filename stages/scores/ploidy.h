#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace kinflow {

/// Males on X outside its pseudoautosomal ends (chromosome "X"; the ends are "XY"). Formats differ:
/// a .bed or .pgen writes a male's one allele as two, VCF and BGEN as one. Here all count the same:
/// once (0 to 1, DENOM and ALLELE_CT 1), or twice (0 to 2), as plink2 --score does.
struct MalesOnX {
  std::vector<uint8_t> male;  // by sample of the scan, 1 = male; empty = nobody
  bool once = true;

  bool any() const { return std::find(male.begin(), male.end(), 1) != male.end(); }
};

/// Copies of ALT, and whether the person has one copy of the chromosome or two.
struct Ploidy {
  double alt = 0;
  bool haploid = false;
};

/// What a male's call on X counts as. `haploid`: the file says so, alt lies from 0 to 1.
inline Ploidy OnX(const MalesOnX& males, double alt, bool haploid) {
  if (haploid == males.once) return {alt, haploid};
  return {males.once ? alt / 2 : 2 * alt, males.once};
}

}  // namespace kinflow
