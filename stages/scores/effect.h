#pragma once

#include <cstdint>
#include <string_view>

namespace kinflow {

/// How a weight multiplies d, the dosage of its effect allele: w d, w min(d, 1), w max(d - 1, 0).
/// Haploid calls have one copy at most: all three are w d there.
///
/// A non-additive line has a weight for 0, 1 and 2 copies, with straight lines between for dosages.
/// It is summed as three weights on its variant: w0 for everybody, w1 - w0 for the first copy and
/// w2 - w1 for the second, which a haploid call never has.
enum class EffectType : uint8_t {
  kAdditive,
  kDominant,
  kRecessive,
  kNonAdditive,  // of lines alone
  kConstant,     // the parts of such a line
  kFirstCopy,
  kSecondCopy,
};

/// Weights that count genotypes: of the parts of a line one does.
inline bool CountsGenotypes(EffectType effect) {
  return effect != EffectType::kConstant && effect != EffectType::kSecondCopy;
}

/// Why a row of a score file cannot be computed from the dosage of one variant.
enum class RowProblem : uint8_t {
  kNone,
  kHla,  // HLA, APOE or CYP allele
  kHaplotype,
  kDiplotype,
  kInteraction,
  kNonAdditive,  // a table normalised elsewhere says so and holds no dosage_0/1/2_weight
  kNotAnAllele,  // the effect allele is no nucleotide sequence and no symbolic allele
  kLiftedIndel,  // its place on the build that it was lifted to is not told (lift.h)
};

/// Lost as lines without a place are; the kind of the row is not at fault.
inline bool IsUnsupported(RowProblem problem) {
  return problem != RowProblem::kNone && problem != RowProblem::kLiftedIndel;
}

inline std::string_view EffectName(EffectType effect) {
  constexpr std::string_view kNames[] = {"additive", "dominant",   "recessive",  "nonadditive",
                                         "constant", "first_copy", "second_copy"};
  return kNames[static_cast<size_t>(effect)];
}

/// Reason code in logs and messages.
inline std::string_view ProblemCode(RowProblem problem) {
  constexpr std::string_view kCodes[] = {"none",          "hla",         "haplotype",
                                         "diplotype",     "interaction", "nonadditive",
                                         "not_an_allele", "lifted_indel"};
  return kCodes[static_cast<size_t>(problem)];
}

}  // namespace kinflow
