#include "pipeline/kernels/probabilities.h"

namespace kinflow::scalar {

bool ProbabilitiesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n,
                            uint16_t* out) {
  bool good = true;
  for (uint32_t s = 0; s < n; ++s) {
    const uint32_t p00 = pairs[2 * s], p01 = pairs[2 * s + 1];
    const bool missing = ploidy != nullptr && ploidy[s] >= 128;
    good &= missing || p00 + p01 <= 255;
    out[s] = missing ? uint16_t{65535} : static_cast<uint16_t>(510 - 2 * p00 - p01);
  }
  return good;
}

void HaplotypesToDosages(const uint8_t* pairs, const uint8_t* ploidy, uint32_t n, uint16_t* out) {
  for (uint32_t s = 0; s < n; ++s) {
    const bool missing = ploidy != nullptr && ploidy[s] >= 128;
    out[s] =
        missing ? uint16_t{65535} : static_cast<uint16_t>(510 - pairs[2 * s] - pairs[2 * s + 1]);
  }
}

}  // namespace kinflow::scalar
