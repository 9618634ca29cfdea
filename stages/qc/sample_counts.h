#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "pipeline/data/cohort.h"
#include "pipeline/kernels/counts.h"
#include "pipeline/store/h5_file.h"
#include "stages/qc/mendel.h"

namespace kinflow {

/// Counts of each person over the variants of a scan or of one shard. All integers, so parts may be
/// added in any order. Vectors are indexed by sample, those of trios by place in MendelChecker.
struct SampleCounts {
  /// Variants are counted apart by inheritance and, where heterozygosity is expected from founder
  /// frequencies, by whether they vary among founders.
  enum Group : uint8_t { kAutosome, kAutosomeFixed, kX, kXFixed, kY, kMt, kOther, kGroups };
  static const char* GroupName(size_t group);
  static Group GroupOf(ChromClass chrom, double alt_freq);

  struct GroupCounts {
    uint64_t variants = 0;
    std::vector<uint32_t> het, hom_alt, missing;  // hard calls
    std::vector<uint32_t> absent;  // no dosage; empty for hard-call inputs, where it is `missing`
  };
  GroupCounts groups[kGroups];

  /// Expected homozygosity 1 - 2p(1-p) in steps of 2^-36, for kAutosome and kX: over all variants
  /// and, by sample, over those where the call is missing.
  struct Expected {
    uint64_t total = 0;
    std::vector<uint64_t> missing;
  };
  static constexpr double kExpectedUnit = 0x1p-36;
  static uint64_t ExpectedHom(double alt_freq);
  Expected expected[2];  // kAutosome, kX

  uint64_t mendel_variants = 0;         // on which trios were checked
  std::vector<uint32_t> mendel_errors;  // blamed on each sample
  std::vector<uint32_t> mendel_blamed;  // its calls that are, each once
  std::vector<uint32_t> trio_errors, trio_unchecked;
  std::vector<MendelChecker::Exposure> trio_exposures;  // on autosomes

  SampleCounts() = default;
  SampleCounts(uint32_t samples, size_t trios, bool dosages);
  SampleCounts& operator+=(const SampleCounts& o);
  /// Takes off the counts of a subset of the variants.
  SampleCounts& operator-=(const SampleCounts& o);
  uint64_t MemoryBytes() const;
  void Write(H5Writer& file) const;
  static SampleCounts Read(const H5Reader& file);
};

/// What the filters and tables say of one person.
struct SampleFacts {
  uint64_t n = 0, n_missing = 0;  // variants that the person can carry (Y: not for females)
  double call_rate, het_rate, het_f, x_f;  // NaN = not defined
  /// CallRates::AtBest(), in the first look at people; NaN behind it.
  double call_rate_at_best = std::numeric_limits<double>::quiet_NaN();
  double y_call_rate;  // of all variants on Y, females too; NaN = there are none
  uint32_t mendel_errors = 0;
  Sex declared = Sex::kUnknown, inferred = Sex::kUnknown;
};
SampleFacts FactsOf(const SampleCounts& counts, uint32_t sample, Sex declared);

}  // namespace kinflow
