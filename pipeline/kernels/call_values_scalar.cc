#include "pipeline/kernels/call_values.h"

namespace kinflow::scalar {

void CallsToValues(const uint64_t* low, const uint64_t* high, size_t stride, size_t words,
                   const CallValues* values, float* out) {
  for (size_t i = 0; i < words; ++i) {
    for (size_t v = 0; v < 64; ++v) {
      const unsigned call = (low[i * stride] >> v & 1u) | (high[i * stride] >> v & 1u) << 1;
      out[64 * i + v] = call == 3 ? 0.0f : values[i].values[call][v];
    }
  }
}

}  // namespace kinflow::scalar
