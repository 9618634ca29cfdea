#pragma once

#include <array>
#include <cstdint>

#include "stages/qc/sample_counts.h"
#include "stages/qc/variant_facts.h"

namespace kinflow {

/// Call rates of variants among everybody, to tell people whose sample failed from people whose
/// array lacks variants. Variants on Y are left out: who can carry them depends on declared sexes.
class CallRates {
 public:
  void Add(const VariantCounts& counts, const VariantTable& variants);
  CallRates& operator+=(const CallRates& o);
  /// Variants that clearly more people lack than lack a usual one: those with a call rate below
  /// 0.8, or more than 0.02 below the median.
  uint64_t Unusual() const;
  /// Share of the other variants that the person has at best: as if every unusual one were missing.
  /// At least the share of all. NaN if there are none.
  static double AtBest(const SampleCounts& counts, uint32_t sample, uint64_t unusual);

 private:
  static constexpr uint64_t kSteps = 10000;
  std::array<uint64_t, kSteps + 1> variants_ = {};  // by call rate, in steps, rounded down
};

}  // namespace kinflow
