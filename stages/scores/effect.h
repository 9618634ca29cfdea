#pragma once

#include <cstdint>
#include <string_view>

namespace kinflow {

/// How a weight multiplies d, the dosage of its effect allele: w d, w min(d, 1), w max(d - 1, 0).
/// Haploid calls have one copy at most: all three are w d there.
enum class EffectType : uint8_t { kAdditive, kDominant, kRecessive };

/// Why a row of a score file cannot be computed from the dosage of one variant.
enum class RowProblem : uint8_t {
  kNone,
  kHla,  // HLA, APOE or CYP allele
  kHaplotype,
  kDiplotype,
  kInteraction,
  kNonAdditive,  // dosage_0/1/2_weight without effect_weight
  kNotAnAllele,  // the effect allele is no nucleotide sequence and no symbolic allele
};

inline std::string_view EffectName(EffectType effect) {
  constexpr std::string_view kNames[] = {"additive", "dominant", "recessive"};
  return kNames[static_cast<size_t>(effect)];
}

/// Reason code in logs and messages.
inline std::string_view ProblemCode(RowProblem problem) {
  constexpr std::string_view kCodes[] = {"none",        "hla",         "haplotype",    "diplotype",
                                         "interaction", "nonadditive", "not_an_allele"};
  return kCodes[static_cast<size_t>(problem)];
}

}  // namespace kinflow
