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
/// The complement of one allele is the other: strand cannot be told from the alleles. Any length,
/// unreversed, as in v2 (so AT/TA counts).
bool IsAmbiguous(std::string_view ref, std::string_view alt);
/// Bit t is set iff MatchType(t) holds. `other` may be empty: no other allele. Case is ignored.
uint8_t MatchTypes(std::string_view effect, std::string_view other, std::string_view ref,
                   std::string_view alt);
std::string UpperCase(std::string_view text);

}  // namespace kinflow
