#include "stages/scores/fixed_point.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/philox.h"
#include "pipeline/kernels/pair_sums.h"

namespace kinflow {
namespace {

TEST(FixedPoint, DecimalWeightsAreExact) {
  const std::vector<double> weights = {0.012345, -1.5, 3e-7, 0, 0.1};
  const FixedPoint grid(weights, 1);
  EXPECT_TRUE(grid.exact());
  EXPECT_EQ(grid.Steps(0.012345), 123450);
  EXPECT_EQ(grid.Steps(3e-7), 3);
  // What doubles do not do: 0.1 + 0.1 + 0.1 is 0.3.
  EXPECT_EQ(grid.Value(3 * grid.Amount(0.1, 1)), 0.3);
  EXPECT_EQ(grid.Value(grid.Amount(0.1, 1) + grid.Amount(-1.5, 2)), -2.9);
}

TEST(FixedPoint, DosagesAreExactToo) {
  const std::vector<double> weights = {0.25, 0.003};
  for (const uint32_t units : {100u, 16384u}) {
    const FixedPoint grid(weights, units);
    const double dosage = std::floor(0.37 * units) / units;
    EXPECT_DOUBLE_EQ(grid.Value(grid.Amount(0.003, dosage)), 0.003 * dosage);
    // What the kernel adds: steps x stored value << shift.
    const auto stored = static_cast<int64_t>(std::floor(0.37 * units));
    EXPECT_EQ(grid.Amount(0.003, dosage), grid.Steps(0.003) * stored << grid.shift());
  }
}

// In doubles 0.9 - 0.3 is no decimal number of few digits, and a whole score would lose its grid.
TEST(FixedPoint, DifferencesOfDecimalsAreDecimals) {
  EXPECT_NE(0.9 - 0.3, 0.6);
  EXPECT_EQ(DecimalDifference(0.9, 0.3), 0.6);
  EXPECT_EQ(DecimalDifference(-1e-7, 2.5e-6), -2.6e-6);
  EXPECT_EQ(DecimalDifference(1e300, 1), 1e300);
  EXPECT_EQ(DecimalDifference(M_PI, M_E), M_PI - M_E);
}

// The bound of the header, against long double.
TEST(FixedPoint, OtherWeightsAreOffByHalfAStep) {
  Philox random(5, 0);
  for (const size_t n : {10u, 1000u, 100000u}) {
    for (const uint32_t units : {1u, 127u, 32767u}) {
      std::vector<double> weights(n);
      double largest = 0;
      long double total = 0;
      for (double& w : weights) {
        w = random.Normal() * std::exp(3 * random.Normal());
        largest = std::max(largest, std::abs(w));
        total += std::abs(w);
      }
      const FixedPoint grid(weights, units);
      EXPECT_FALSE(grid.exact());
      const double bound = std::max(std::ldexp(largest, -46),
                                    std::ldexp(static_cast<double>(total) * 2 * units, -59));
      uint64_t sum = 0;
      long double exact = 0;
      for (const double w : weights) {
        const int64_t steps = grid.Steps(w);
        EXPECT_LE(std::abs(steps), kLargestPairWeight);
        EXPECT_LE(std::abs(grid.Value(grid.Amount(w, 1)) - w), bound);
        const auto stored = static_cast<int64_t>(random.Below(2 * units + 1));
        sum += static_cast<uint64_t>(steps * stored) << grid.shift();
        exact += static_cast<long double>(w) * stored / units;
      }
      EXPECT_LE(std::abs(grid.Value(static_cast<int64_t>(sum)) - static_cast<double>(exact)),
                2 * bound * std::sqrt(static_cast<double>(n)) + 1e-15 * static_cast<double>(total));
    }
  }
}

TEST(FixedPoint, SmallestAndLargestWeights) {
  for (const double w : {3e-200, 1e300}) {
    const FixedPoint grid(std::vector<double>{w, -w / 3}, 100);
    EXPECT_NEAR(grid.Value(grid.Amount(w, 1.37)) / w, 1.37, 1e-9) << w;
  }
  EXPECT_THROW(FixedPoint(std::vector<double>{1e308, 1.7e308, 1.7e308}, 1), Error);
}

TEST(FixedPoint, NothingToWeigh) {
  EXPECT_EQ(FixedPoint(std::vector<double>{}, 1).Value(0), 0);
  const FixedPoint grid(std::vector<double>{0, 0}, 100);
  EXPECT_EQ(grid.Value(grid.Amount(0, 1.37)), 0);
}

}  // namespace
}  // namespace kinflow
