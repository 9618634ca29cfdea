#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace kinflow {

/// What a reference of allele frequencies says of a variant.
enum class ReferenceStatus : uint8_t {
  kNotCompared,  // there is no reference, or nobody has a call
  kAgrees,
  kAbsent,             // the reference has nothing at the place
  kAlleles,            // it has other alleles there
  kStrand,             // its alleles are those of the other strand
  kDifference,         // frequencies differ, however alleles are read
  kExchanged,          // frequencies agree once the alleles are exchanged
  kPalindromicTurned,  // the same of A/T and C/G: alleles exchanged or the other strand
  kPalindromic,        // A/T or C/G, and frequencies agree in either reading
};
inline constexpr size_t kReferenceStatuses = 9;
/// "agrees", "strand", ...: as in tables and configs.
std::string_view ReferenceStatusName(ReferenceStatus status);

/// How alleles of a row of the reference are those of a variant; better ones are larger.
enum class AlleleFit : uint8_t { kNone, kOther, kStrandSwapped, kStrand, kSwapped, kSame };
std::string_view AlleleFitName(AlleleFit fit);
/// An ALT of "", "." or "0" is one that nobody carries.
AlleleFit FitAlleles(std::string_view ref, std::string_view alt, std::string_view row_ref,
                     std::string_view row_alt);

/// A variant in the reference: frequency of the variant's own ALT.
struct ReferenceAllele {
  AlleleFit fit = AlleleFit::kNone;
  double frequency = std::numeric_limits<double>::quiet_NaN();
  double alleles = std::numeric_limits<double>::quiet_NaN();  // counted for it; NaN = not stated
};

/// Frequencies differ if they are further apart than `difference` and chance would bring them this
/// far apart with a smaller probability than `p`.
struct ReferenceLimits {
  double difference = 0.2, p = 1e-4;
};

struct ReferenceFit {
  ReferenceStatus status = ReferenceStatus::kNotCompared;
  double difference = std::numeric_limits<double>::quiet_NaN();  // |founders' - reference's|
  double chi2 = std::numeric_limits<double>::quiet_NaN();        // one degree of freedom
  double p = std::numeric_limits<double>::quiet_NaN();
};

/// Pearson's chi-square of two sets of alleles; that of one set against a known frequency where the
/// reference does not state how many it counted. Relatives and imprecise dosages are not allowed
/// for: it is a yardstick.
double FrequencyChi2(double alt, double all, double frequency, double reference_alleles);

/// `alt` of `all` alleles of founders against the reference. `palindromic`: either strand has the
/// same two alleles.
ReferenceFit JudgeByReference(double alt, double all, const ReferenceAllele& reference,
                              bool palindromic, const ReferenceLimits& limits);

}  // namespace kinflow
