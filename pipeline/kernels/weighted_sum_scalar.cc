#include "pipeline/kernels/weighted_sum.h"

namespace kinflow::scalar {

void AddWeightedRows(const DosageEncoding& encoding, std::span<const WeightedRow> rows,
                     Range samples, double* const* acc, uint32_t* const* missing) {
  for (const WeightedRow& row : rows) {
    for (uint32_t s = samples.begin; s < samples.end; ++s) {
      uint32_t stored = 0;
      switch (encoding.layout) {
        case DosageEncoding::Layout::kTwoBit:
          stored = (row.data[s / 4] >> (2 * (s % 4))) & 3u;
          break;
        case DosageEncoding::Layout::kU8:
          stored = row.data[s];
          break;
        case DosageEncoding::Layout::kU16:
          stored = reinterpret_cast<const uint16_t*>(row.data)[s];
          break;
      }
      const bool is_missing = stored == encoding.missing();
      const double value = is_missing ? row.missing_value : stored;
      for (uint32_t k = 0; k < row.n_scores; ++k) {
        const uint32_t slot = row.scores == nullptr ? k : row.scores[k];
        const double product = row.weights[k] * value;
        acc[slot][s] += product;
        if (is_missing && missing != nullptr) ++missing[slot][s];
      }
    }
  }
}

}  // namespace kinflow::scalar
