#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/data/sample_table.h"
#include "pipeline/data/variant_table.h"

namespace kinflow {

/// How many copies of a chromosome people have. Formats differ: a .bed or .pgen writes one allele
/// as two, VCF and BGEN as one. Here all count the same (plink2 --score, but for males on X):
///
///   autosomes, XY   as written
///   X               males one copy, or two if asked (plink2); others as written, but females two
///                   where the genotype is missing
///   Y               males one copy, others none: they gain nothing and none of their alleles is
///                   counted
///   MT              one copy
enum class CopyRule : uint8_t { kAsWritten, kX, kY, kMt };

inline CopyRule CopyRuleOf(const VariantTable& variants, size_t i) {
  switch (variants.chrom_class(i)) {
    case ChromClass::kX:
      return CopyRule::kX;
    case ChromClass::kY:
      return CopyRule::kY;
    case ChromClass::kMt:
      return CopyRule::kMt;
    default:
      return CopyRule::kAsWritten;
  }
}

/// Sexes of the samples of a scan, and what they decide.
struct ScoredPeople {
  std::vector<Sex> sex;  // empty = nobody's is known
  bool x_males_once = true;

  Sex of(uint32_t sample) const { return sex.empty() ? Sex::kUnknown : sex[sample]; }
};

/// Copies of ALT among the copies that a person has: 0 to `copies`.
struct Ploidy {
  double alt = 0;
  uint8_t copies = 2;
};

/// Whether a genotype that is written with one allele is haploid. A missing one ('.') is only where
/// males may be: as much is written for diploids.
inline bool IsHaploid(CopyRule rule, Sex sex, bool missing) {
  return !missing || (rule == CopyRule::kX && sex != Sex::kFemale);
}

/// `haploid`: the file has one allele, alt lies from 0 to 1.
inline Ploidy PloidyOf(CopyRule rule, Sex sex, bool x_males_once, double alt, bool haploid) {
  const double once = haploid ? alt : alt / 2;
  switch (rule) {
    case CopyRule::kX:
      if (sex != Sex::kMale) break;
      if (x_males_once) return {once, 1};
      return {2 * once, 2};
    case CopyRule::kY:
      if (sex != Sex::kMale) return {0, 0};
      return {once, 1};
    case CopyRule::kMt:
      return {once, 1};
    default:
      break;
  }
  return {alt, static_cast<uint8_t>(haploid ? 1 : 2)};
}

}  // namespace kinflow
