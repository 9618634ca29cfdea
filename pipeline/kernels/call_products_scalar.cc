#include "pipeline/kernels/call_products.h"

namespace kinflow {

CallProducts::Correlation CallProducts::correlation() const {
  // Copies less one: -1, 0 or 1.
  const double people = n;
  const double sum_a = 2.0 * alt_a - hom_a, sum_b = 2.0 * alt_b - hom_b;
  const double covariance = people * (hom_hom - 2.0 * opposite) - sum_a * sum_b;
  return {covariance * covariance,
          (people * hom_a - sum_a * sum_a) * (people * hom_b - sum_b * sum_b)};
}

namespace scalar {

CallProducts MultiplyCalls(const uint8_t* a, const uint8_t* b, size_t bytes) {
  CallProducts sums;
  for (size_t i = 0; i < 4 * bytes; ++i) {
    const unsigned x = a[i / 4] >> 2 * (i % 4) & 3u, y = b[i / 4] >> 2 * (i % 4) & 3u;
    if (x == 3 || y == 3) continue;
    ++sums.n;
    sums.hom_a += x != 1;
    sums.alt_a += x == 2;
    sums.hom_b += y != 1;
    sums.alt_b += y == 2;
    sums.hom_hom += x != 1 && y != 1;
    sums.opposite += x != 1 && y != 1 && x != y;
  }
  return sums;
}

}  // namespace scalar
}  // namespace kinflow
