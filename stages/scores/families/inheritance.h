#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace kinflow {

/// Chances of 0, 1 and 2 copies of ALT.
using CopyChances = std::array<double, 3>;
/// The narrowest distribution with this mean: two neighbouring numbers of copies at most.
CopyChances ChancesOf(double dosage);
CopyChances HardyWeinberg(double alt_freq);

/// Where the ALT allele of a heterozygous child comes from, if its phase tells.
enum class AltOrigin : uint8_t { kUnknown, kMother, kFather };

/// A parent at one variant. Without a genotype `chances` are those of the population. With one copy
/// of the chromosome (fathers on X) dosages and chances are of 0 or 1 copies.
struct ParentAt {
  CopyChances chances{};
  double dosage = 0;  // if known
  bool known = false;
  bool one_copy = false;
};

struct ChildAt {
  double dosage = 0;
  bool known = false;
  bool has_paternal = true;  // not sons on X: their dosage is 0 to 1, all of it from the mother
  bool informs = true;       // about its parents (of twins, who may be identical, one does)
  AltOrigin origin = AltOrigin::kUnknown;

  // What SolveFamily finds: expected ALT alleles that the child got from each parent. Their sum is
  // the dosage of a known child.
  double from_mother = 0, from_father = 0;
  double maternal = 0.5;    // chance that the ALT of a heterozygote is the mother's, phase aside
  bool impossible = false;  // its genotype cannot come from these parents
};

/// Parents and full siblings at one variant, by Mendel's laws: alleles are passed on independently
/// and with equal chances; parents without a genotype have Hardy-Weinberg proportions.
///
/// Genotypes that are certain give the exact conditional expectations (as snipar without IBD);
/// dosages enter as their narrowest distribution. With both parents known a child's alleles follow
/// from its own genotype and theirs; otherwise siblings help to know the parent.
struct FamilyAt {
  ParentAt mother, father;
  std::vector<ChildAt> children;
  // Expected copies of each parent; of known ones their dosage.
  double of_mother = 0, of_father = 0;
  // Variance of the copies that the genotypes leave; 0 of known parents.
  double left_mother = 0, left_father = 0;
};
void SolveFamily(FamilyAt& family);

}  // namespace kinflow
