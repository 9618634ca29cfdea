#pragma once

#include <cstdint>
#include <span>

#include "pipeline/data/dosage_tile.h"

namespace kinflow {

/// One variant's part in a set of scores: score k gains weights[k] x value, in stored units (the
/// caller divides weights by units_per_copy once).
struct WeightedRow {
  const uint8_t* data = nullptr;  // row of a DosageTile
  const double* weights = nullptr;
  /// Slots of the accumulators that `weights` belong to, or null for 0 ... n_scores - 1.
  const uint32_t* scores = nullptr;
  uint32_t n_scores = 0;
  double missing_value = 0;  // stands for a missing value, in stored units; 0 = skipped
};

/// acc[slot][s] += weight x value for each sample s of `samples`, row after row. Each product and
/// each sum is rounded once (no fused multiply-add), so the bits depend only on the order of rows:
/// not on the range, the grouping into calls or the instruction set. acc[slot] is indexed by
/// sample. `missing`, if given, is counted up the same way for each missing value.
void AddWeightedRows(const DosageEncoding& encoding, std::span<const WeightedRow> rows,
                     Range samples, double* const* acc, uint32_t* const* missing = nullptr);

namespace scalar {
void AddWeightedRows(const DosageEncoding& encoding, std::span<const WeightedRow> rows,
                     Range samples, double* const* acc, uint32_t* const* missing = nullptr);
}  // namespace scalar

}  // namespace kinflow
