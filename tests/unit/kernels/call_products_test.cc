#define HWY_WANT_AVX3_DL  // as the kernel

#include "pipeline/kernels/call_products.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

TEST(MultiplyCalls, EqualsTheTwinOnEachTarget) {
  Philox random(3, 1);
  // Past the flush of byte counters on every target (63 vectors of 16 to 64 bytes).
  for (const size_t bytes : {0u, 64u, 128u, 1024u, 63u * 32 + 32, 63u * 64, 63u * 64 + 64, 9984u}) {
    std::vector<uint8_t> a(bytes), b(bytes);
    for (size_t i = 0; i < bytes; ++i) {
      a[i] = static_cast<uint8_t>(random.Below(256));
      b[i] = static_cast<uint8_t>(random.Below(256));
    }
    const CallProducts twin = scalar::MultiplyCalls(a.data(), b.data(), bytes);
    const CallProducts same = scalar::MultiplyCalls(a.data(), a.data(), bytes);
    test::OnEachTarget([&](const char* target) {
      EXPECT_EQ(MultiplyCalls(a.data(), b.data(), bytes), twin) << target << " " << bytes;
      EXPECT_EQ(MultiplyCalls(a.data(), a.data(), bytes), same) << target << " " << bytes;
    });
  }
  const std::vector<uint8_t> all_alt(9984, 0xAA);  // every byte counter at its most
  test::OnEachTarget([&](const char* target) {
    const CallProducts sums = MultiplyCalls(all_alt.data(), all_alt.data(), all_alt.size());
    EXPECT_EQ(sums, (CallProducts{39936, 39936, 39936, 39936, 39936, 39936, 0})) << target;
  });
}

TEST(CallProducts, CorrelationIsThatOfTheCopies) {
  // Copies (0 1 2 2 missing) and (0 0 1 2 2): over four people r2 = 0.8181...
  const std::vector<uint8_t> a = {0b10'10'01'00, 0b11'11'11'11}, b = {0b10'01'00'00, 0b11'11'11'10};
  const auto r = scalar::MultiplyCalls(a.data(), b.data(), 2).correlation();
  const double mean_a = 5.0 / 4, mean_b = 3.0 / 4;
  const double covariance = (0 * 0 + 1 * 0 + 2 * 1 + 2 * 2) / 4.0 - mean_a * mean_b;
  const double variance_a = (0 + 1 + 4 + 4) / 4.0 - mean_a * mean_a;
  const double variance_b = (0 + 0 + 1 + 4) / 4.0 - mean_b * mean_b;
  EXPECT_DOUBLE_EQ(r.covariance_squared / r.variances,
                   covariance * covariance / (variance_a * variance_b));
}

}  // namespace
}  // namespace kinflow
