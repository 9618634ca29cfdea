#pragma once

#include <cmath>
#include <limits>

#include "pipeline/data/variant_table.h"
#include "stages/qc/options.h"
#include "stages/qc/reference_fit.h"
#include "stages/qc/variant_counts.h"

namespace kinflow {

/// What the filters and tables say of one variant. NaN = not defined. Frequencies, HWE and the
/// computed quality are those of founders; call rate and Mendel errors those of everybody.
struct VariantFacts {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  uint32_t n = 0, n_missing = 0;  // people who can carry the variant (Y: males)
  double call_rate = kNone;
  double alt_freq = kNone, maf = kNone;
  double hwe_p = kNone;
  double info = kNone;           // as the file states it
  double info_computed = kNone;  // variance of dosages over 2p(1-p); hard calls: none
  uint32_t mendel_errors = 0, mendel_checked = 0;
  double mendel_rate = kNone;
  // Of what the last round left, where they are filtered by (VariantFindings).
  double plate_p = kNone, batch_p = kNone, batch_info_p = kNone;
  ReferenceFit reference;  // where a reference is compared with
};

/// Alleles of founders with a call. On X a male counts one, as a haploid call of unknown sex does,
/// on Y males only; a het call of a male there counts half an ALT, as in plink2.
struct FounderAlleles {
  double all = 0, alt = 0;
  double frequency() const { return all > 0 ? alt / all : VariantFacts::kNone; }
};
FounderAlleles FounderAllelesOf(const VariantCounts& counts, size_t i, ChromClass chrom);
/// ALT frequency among founders from the counts of variant `i`.
double AltFrequency(const VariantCounts& counts, size_t i, ChromClass chrom);

/// People who can carry a variant (Y: males), and those of them without a call or dosage.
struct CallsMade {
  uint32_t n = 0, n_missing = 0;
};
CallsMade CallsMadeOf(const VariantCounts& counts, size_t i, ChromClass chrom);

VariantFacts FactsOf(const VariantCounts& counts, size_t i, ChromClass chrom, float info,
                     const QcOptions& options);

}  // namespace kinflow
