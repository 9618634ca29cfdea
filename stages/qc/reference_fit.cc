#include "stages/qc/reference_fit.h"

#include <array>
#include <cmath>

#include "pipeline/data/alleles.h"

namespace kinflow {

std::string_view ReferenceStatusName(ReferenceStatus status) {
  constexpr std::array<std::string_view, kReferenceStatuses> kNames = {
      "not_compared",       "agrees",     "absent", "alleles", "strand", "difference", "exchanged",
      "palindromic_turned", "palindromic"};
  return kNames[static_cast<size_t>(status)];
}

std::string_view AlleleFitName(AlleleFit fit) {
  constexpr std::array<std::string_view, 6> kNames = {"none",   "other",   "strand_swapped",
                                                      "strand", "swapped", "same"};
  return kNames[static_cast<size_t>(fit)];
}

namespace {

/// Of a variant that nobody carries the other allele of.
bool IsUnseen(std::string_view allele) { return allele.empty() || allele == "." || allele == "0"; }

/// One of the two has REF alone: alleles agree if it is one of the other's.
AlleleFit FitOneAllele(std::string_view ref, std::string_view alt, std::string_view row_ref,
                       std::string_view row_alt) {
  const auto fit = [&](const std::string& a, const std::string& b) {
    if (ref == a) return AlleleFit::kSame;
    const bool swapped = (!IsUnseen(b) && ref == b) || (!IsUnseen(alt) && alt == a);
    return swapped ? AlleleFit::kSwapped : AlleleFit::kOther;
  };
  const std::string a = UpperCase(row_ref), b = UpperCase(row_alt);
  const AlleleFit as_is = fit(a, b);
  if (as_is != AlleleFit::kOther) return as_is;
  constexpr OtherStrand kStrand = OtherStrand::kReverseComplement;
  const AlleleFit turned = fit(OnOtherStrand(a, kStrand), OnOtherStrand(b, kStrand));
  return turned == AlleleFit::kSame      ? AlleleFit::kStrand
         : turned == AlleleFit::kSwapped ? AlleleFit::kStrandSwapped
                                         : AlleleFit::kOther;
}

}  // namespace

AlleleFit FitAlleles(std::string_view ref, std::string_view alt, std::string_view row_ref,
                     std::string_view row_alt) {
  if (IsUnseen(alt) || IsUnseen(row_alt)) return FitOneAllele(ref, alt, row_ref, row_alt);
  const unsigned types = MatchTypes(row_alt, row_ref, ref, alt, OtherStrand::kReverseComplement);
  const auto has = [types](MatchType type) {
    return (types >> static_cast<unsigned>(type) & 1) != 0;
  };
  if (has(MatchType::kAltRef)) return AlleleFit::kSame;
  if (has(MatchType::kRefAlt)) return AlleleFit::kSwapped;
  if (has(MatchType::kAltRefFlip)) return AlleleFit::kStrand;
  if (has(MatchType::kRefAltFlip)) return AlleleFit::kStrandSwapped;
  return AlleleFit::kOther;
}

double FrequencyChi2(double alt, double all, double frequency, double reference_alleles) {
  const double own = alt / all, gap = own - frequency;
  if (gap == 0) return 0;
  if (std::isnan(reference_alleles)) return gap * gap * all / (frequency * (1 - frequency));
  const double both = (alt + frequency * reference_alleles) / (all + reference_alleles);
  return gap * gap / (both * (1 - both) * (1 / all + 1 / reference_alleles));
}

ReferenceFit JudgeByReference(double alt, double all, const ReferenceAllele& reference,
                              bool palindromic, const ReferenceLimits& limits) {
  ReferenceFit fit;
  if (reference.fit == AlleleFit::kNone) {
    fit.status = ReferenceStatus::kAbsent;
    return fit;
  }
  if (reference.fit == AlleleFit::kOther) {
    fit.status = ReferenceStatus::kAlleles;
    return fit;
  }
  if (!(all > 0)) return fit;
  const auto chi2 = [&](double frequency) {
    return FrequencyChi2(alt, all, frequency, reference.alleles);
  };
  const auto p = [](double x) { return std::erfc(std::sqrt(x / 2)); };
  const auto agrees = [&](double frequency) {
    return std::abs(alt / all - frequency) <= limits.difference || !(p(chi2(frequency)) < limits.p);
  };
  fit.difference = std::abs(alt / all - reference.frequency);
  fit.chi2 = chi2(reference.frequency);
  fit.p = p(fit.chi2);
  const bool as_is = agrees(reference.frequency), exchanged = agrees(1 - reference.frequency);
  const bool other_strand =
      reference.fit == AlleleFit::kStrand || reference.fit == AlleleFit::kStrandSwapped;
  if (!as_is && !exchanged) {
    fit.status = ReferenceStatus::kDifference;
  } else if (!as_is) {
    fit.status = palindromic ? ReferenceStatus::kPalindromicTurned : ReferenceStatus::kExchanged;
  } else if (palindromic) {
    fit.status = exchanged ? ReferenceStatus::kPalindromic : ReferenceStatus::kAgrees;
  } else {
    fit.status = other_strand ? ReferenceStatus::kStrand : ReferenceStatus::kAgrees;
  }
  return fit;
}

}  // namespace kinflow
