#include "stages/qc/variant_facts.h"

#include <algorithm>

#include "stages/qc/hwe.h"

namespace kinflow {
namespace {

/// People with a value and the sums over them in stored units, from dosages or calls.
struct Sums {
  double called = 0, sum = 0, sum_squares = 0;
  uint32_t missing = 0;

  Sums operator-(const Sums& o) const {
    return {called - o.called, sum - o.sum, sum_squares - o.sum_squares, missing - o.missing};
  }
};

Sums SumsOf(const StratumCounts& s, size_t i) {
  const CallCounts& c = s.calls[i];
  if (s.dosages.empty()) {
    return {static_cast<double>(c.called()), static_cast<double>(c.het + 2 * uint64_t{c.hom_alt}),
            static_cast<double>(c.het + 4 * uint64_t{c.hom_alt}), c.missing};
  }
  const DosageSums& d = s.dosages[i];
  return {static_cast<double>(d.called), static_cast<double>(d.sum),
          static_cast<double>(d.sum_squares), c.total() - d.called};
}

double HweOf(const VariantCounts& counts, size_t i, ChromClass chrom, const QcOptions& options) {
  if (chrom == ChromClass::kAutosome) {
    const CallCounts& c = counts.founders.calls[i];
    if (c.called() == 0) return VariantFacts::kNone;
    return HweP(c.het, c.hom_ref, c.hom_alt, options.hwe_midp);
  }
  if (chrom != ChromClass::kX || options.hwe_x == QcOptions::HweX::kOff) return VariantFacts::kNone;
  const CallCounts& f = counts.founder_females.calls[counts.sex_row[i]];
  const CallCounts& m = counts.founder_males.calls[counts.sex_row[i]];
  if (options.hwe_x == QcOptions::HweX::kFemales) {
    if (f.called() == 0) return VariantFacts::kNone;
    return HweP(f.het, f.hom_ref, f.hom_alt, options.hwe_midp);
  }
  if (f.called() + m.hom_ref + m.hom_alt == 0) return VariantFacts::kNone;
  return HweXP(f.het, f.hom_ref, f.hom_alt, m.hom_ref, m.hom_alt, options.hwe_midp);
}

/// Variance of the dosages over that of genotypes in equilibrium at the same frequency.
double VarianceRatio(const Sums& s, double units) {
  if (s.called < 1) return VariantFacts::kNone;
  const double mean = s.sum / s.called / units;
  const double variance = s.sum_squares / s.called / (units * units) - mean * mean;
  const double p = mean / 2, expected = 2 * p * (1 - p);
  return expected > 0 ? variance / expected : VariantFacts::kNone;
}

}  // namespace

FounderAlleles FounderAllelesOf(const VariantCounts& counts, size_t i, ChromClass chrom) {
  const Sums all = SumsOf(counts.founders, i);
  const double units = counts.units;
  double alleles = 2 * all.called, alt = all.sum / units;
  if (chrom == ChromClass::kX || chrom == ChromClass::kY) {
    const Sums males = SumsOf(counts.founder_males, counts.sex_row[i]);
    if (chrom == ChromClass::kX) {
      alleles -= males.called;
      alt -= males.sum / units / 2;
    } else {
      alleles = males.called;
      alt = males.sum / units / 2;
    }
  }
  if (chrom == ChromClass::kMt) {  // one copy, stored as two
    alleles /= 2;
    alt /= 2;
  }
  return {alleles, alt};
}

double AltFrequency(const VariantCounts& counts, size_t i, ChromClass chrom) {
  return FounderAllelesOf(counts, i, chrom).frequency();
}

CallsMade CallsMadeOf(const VariantCounts& counts, size_t i, ChromClass chrom) {
  const bool y = chrom == ChromClass::kY;
  const size_t at = y ? counts.sex_row[i] : i;
  const Sums a = SumsOf(y ? counts.founder_males : counts.founders, at);
  const Sums b = SumsOf(y ? counts.other_males : counts.others, at);
  const uint32_t missing = a.missing + b.missing;
  return {missing + static_cast<uint32_t>(a.called + b.called), missing};
}

VariantFacts FactsOf(const VariantCounts& counts, size_t i, ChromClass chrom, float info,
                     const QcOptions& options) {
  VariantFacts f;
  const CallsMade made = CallsMadeOf(counts, i, chrom);
  f.n = made.n;
  f.n_missing = made.n_missing;
  if (f.n > 0) f.call_rate = 1 - static_cast<double>(f.n_missing) / f.n;
  f.alt_freq = AltFrequency(counts, i, chrom);
  f.maf = std::min(f.alt_freq, 1 - f.alt_freq);
  f.hwe_p = HweOf(counts, i, chrom, options);
  f.info = info;
  if (counts.has_dosages) {
    if (chrom == ChromClass::kAutosome) {
      f.info_computed = VarianceRatio(SumsOf(counts.founders, i), counts.units);
    } else if (chrom == ChromClass::kX) {
      f.info_computed =
          VarianceRatio(SumsOf(counts.founder_females, counts.sex_row[i]), counts.units);
    }
  }
  f.mendel_errors = counts.mendel_errors[i];
  f.mendel_checked = counts.mendel_checked[i];
  if (f.mendel_checked > 0) {
    f.mendel_rate = static_cast<double>(f.mendel_errors) / f.mendel_checked;
  }
  return f;
}

}  // namespace kinflow
