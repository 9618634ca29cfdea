#pragma once

#include <cstdint>

#include "pipeline/data/table.h"

namespace kinflow {

/// The people behind variants.tsv.gz after QC.
struct PeopleLeft {
  int64_t people = 0, founders = 0;
  bool few_removed = false;   // FewRemoved(ledger)
  bool few_families = false;  // FewFamilies(ledger)
};

/// Frequencies of alleles with fewer copies among the people counted point at single persons.
inline constexpr double kMinMinorAlleleCount = 20;

/// variants.tsv.gz rows without AF, MAF, HWE_P, MENDEL_ERRORS and REASON_VALUE where the minor
/// allele count among the people counted is below kMinMinorAlleleCount; nor counts of 1 to `small`
/// - 1 missing genotypes or Mendel errors, and what they follow from ("NA"): MENDEL_CHECKED, where
/// few genotypes are missing, and everywhere if there are few trios or duos. REASONS and
/// GENOTYPES_SET, which bound or tell numbers that are hidden, are left out.
///
/// Where a count of missing genotypes is hidden, AF, MAF, HWE_P and INFO_COMPUTED are rounded, as
/// their digits tell what they are fractions of.
///
/// Where QC removed few people, variants counted before and after it must not tell how many: N,
/// CALL_RATE, MENDEL_CHECKED and REASON_VALUE are "NA" throughout, frequencies are rounded to more
/// than the step that one founder makes, other doubles to two digits.
Table SuppressVariants(const Table& variants, const PeopleLeft& left, int64_t small);

/// An allele frequency rounded to more than the step that one of the founders makes: fractions of
/// as many alleles and of a few less look alike.
double CoarseFrequency(double frequency, int64_t founders);

}  // namespace kinflow
