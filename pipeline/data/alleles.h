#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace kinflow {

/// The eight ways in which a score line and a target variant agree, best first (PGS Catalog
/// calculator v2).
enum class MatchType : uint8_t {
  kRefAlt,  // effect allele = REF, other allele = ALT
  kAltRef,
  kRefAltFlip,  // after complementing the line's alleles
  kAltRefFlip,
  kNoOaRef,  // line without other allele, effect allele = REF
  kNoOaAlt,
  kNoOaRefFlip,
  kNoOaAltFlip,
};

std::string_view MatchTypeName(MatchType type);  // "refalt", ...
inline bool IsFlip(MatchType t) {
  return t == MatchType::kRefAltFlip || t == MatchType::kAltRefFlip ||
         t == MatchType::kNoOaRefFlip || t == MatchType::kNoOaAltFlip;
}
inline bool EffectIsRef(MatchType t) { return static_cast<int>(t) % 2 == 0; }

/// Non-empty and of A, C, G, T alone (upper case).
bool IsNucleotides(std::string_view allele);
/// A<->T, C<->G for each base, not reversed; alleles with other letters stay as they are.
std::string Complement(std::string_view allele);
/// How an allele is read on the other strand. They differ for alleles of several bases: v2 does not
/// reverse them.
enum class OtherStrand : uint8_t { kComplement, kReverseComplement };
std::string OnOtherStrand(std::string_view allele, OtherStrand strand);
/// One allele read on the other strand is the other allele: strand cannot be told from the alleles.
/// Any length; unreversed AT/TA counts, reversed AG/CT does.
bool IsAmbiguous(std::string_view ref, std::string_view alt,
                 OtherStrand strand = OtherStrand::kComplement);
/// Bit t is set iff MatchType(t) holds. `other` may be empty: no other allele. Case is ignored.
uint8_t MatchTypes(std::string_view effect, std::string_view other, std::string_view ref,
                   std::string_view alt, OtherStrand strand = OtherStrand::kComplement);
std::string UpperCase(std::string_view text);

}  // namespace kinflow
