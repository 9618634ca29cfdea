#include "pipeline/data/alleles.h"

#include <algorithm>

namespace kinflow {
namespace {

char ComplementBase(char base) {
  switch (base) {
    case 'A':
      return 'T';
    case 'C':
      return 'G';
    case 'G':
      return 'C';
    case 'T':
      return 'A';
    default:
      return base;
  }
}

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool Equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Upper(a[i]) != Upper(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view MatchTypeName(MatchType type) {
  constexpr std::array<std::string_view, 8> kNames = {
      "refalt",    "altref",    "refalt_flip",    "altref_flip",
      "no_oa_ref", "no_oa_alt", "no_oa_ref_flip", "no_oa_alt_flip"};
  return kNames[static_cast<size_t>(type)];
}

bool IsNucleotides(std::string_view allele) {
  return !allele.empty() && allele.find_first_not_of("ACGT") == std::string_view::npos;
}

std::string UpperCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = Upper(c);
  return out;
}

std::string Complement(std::string_view allele) {
  std::string out(allele);
  if (!IsNucleotides(allele)) return out;
  for (char& c : out) c = ComplementBase(c);
  return out;
}

std::string OnOtherStrand(std::string_view allele, OtherStrand strand) {
  std::string out = Complement(allele);
  if (strand == OtherStrand::kReverseComplement && IsNucleotides(allele)) {
    std::reverse(out.begin(), out.end());
  }
  return out;
}

bool IsAmbiguous(std::string_view ref, std::string_view alt, OtherStrand strand) {
  const std::string upper = UpperCase(ref);
  return IsNucleotides(upper) && OnOtherStrand(upper, strand) == UpperCase(alt);
}

uint8_t MatchTypes(std::string_view effect, std::string_view other, std::string_view ref,
                   std::string_view alt, OtherStrand strand) {
  const auto pair_bits = [&](std::string_view ea, std::string_view oa) -> unsigned {
    return (Equal(ea, ref) && Equal(oa, alt) ? 1u : 0u) |
           (Equal(ea, alt) && Equal(oa, ref) ? 2u : 0u);
  };
  const auto single_bits = [&](std::string_view ea) -> unsigned {
    return (Equal(ea, ref) ? 1u : 0u) | (Equal(ea, alt) ? 2u : 0u);
  };
  const std::string ea = UpperCase(effect), flipped = OnOtherStrand(ea, strand);
  if (other.empty()) {
    return static_cast<uint8_t>(single_bits(ea) << 4 | single_bits(flipped) << 6);
  }
  const std::string oa = UpperCase(other);
  return static_cast<uint8_t>(pair_bits(ea, oa) | pair_bits(flipped, OnOtherStrand(oa, strand))
                                                      << 2);
}

}  // namespace kinflow
