// Expected values: R 4.2.2, pt / pf / pchisq / pnorm with log.p = TRUE, divided by -ln 10.
#include "stages/family/tails.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kinflow::family {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

void ExpectLog(const Tail& tail, double expected) {
  EXPECT_NEAR(tail.neg_log10, expected, 1e-11 * std::max(1.0, expected));
  if (expected < 300) {
    EXPECT_NEAR(tail.p / std::pow(10.0, -expected), 1, 1e-9);
  } else {
    EXPECT_LT(tail.p, 1e-299);
  }
}

TEST(Tails, StudentT) {
  const double cases[][3] = {{1.96, 10, 1.1054832319192314},  {5, 3, 1.812692584982035},
                             {40, 2678, 273.99176410073932},  {60, 50000, 756.73087043535315},
                             {200, 2678, 1611.8028228793287}, {1000, 7, 18.578234256610887},
                             {37, 1e6, 298.7375552974878},    {0.001, 5, 0.00032984734350551323},
                             {-40, 2678, 273.99176410073932}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c[0]);
    ExpectLog(TwoSidedT(c[0], c[1]), c[2]);
  }
}

TEST(Tails, Normal) {
  ExpectLog(TwoSidedT(1.96, kInf), 1.30106656222387);
  ExpectLog(TwoSidedT(10, kInf), 22.817023409822092);
  ExpectLog(TwoSidedT(40, kInf), 349.13597646368186);
  ExpectLog(TwoSidedT(100, kInf), 2173.5705128733703);
}

TEST(Tails, F) {
  const double cases[][4] = {{18.18, 2, 2676, 7.8423150135989275},
                             {1000, 3, 2676, 435.45481072521852},
                             {5000, 1, 1858, 528.54810958481994},
                             {2, 5, 10, 0.78464020184566852},
                             {1e6, 4, 30, 75.670012978035473},  // Exact finite sum in 60 digits;
                                                                // R's pf is off by 2.5 here.
                             {3000, 30, 1e6, 18659.5681481095340}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c[0]);
    ExpectLog(UpperF(c[0], c[1], c[2]), c[3]);
  }
}

TEST(Tails, ChiSquare) {
  ExpectLog(UpperChi2(16.5, 2), 3.5829294757018273);
  ExpectLog(UpperChi2(1500, 1), 327.40725604416645);
  ExpectLog(UpperChi2(3000, 10), 640.11641017001364);
  ExpectLog(UpperChi2(2000, 500), 177.28195924535078);
  ExpectLog(UpperF(1500, 1, kInf), 327.40725604416645);
}

TEST(Tails, LogSpaceJoinsTheDirectTailWithoutAStep) {
  // Across the switch between the two ways of computing (p = 1e-280), the curve has neither a step
  // nor a kink: its second difference changes by less than 2e-8 from one point to the next.
  const auto at = [](int i) { return TwoSidedT(39 + 0.01 * i, 2678).neg_log10; };
  EXPECT_NEAR(at(0), 263.145751617, 1e-9);  // R
  EXPECT_NEAR(at(299), 295.771011363, 1e-9);
  const auto second = [&](int i) { return at(i + 1) - 2 * at(i) + at(i - 1); };
  for (int i = 1; i < 299; ++i) EXPECT_NEAR(second(i + 1), second(i), 2e-8) << i;
}

TEST(Tails, EdgesAndMissing) {
  EXPECT_EQ(TwoSidedT(0, 5).p, 1);
  EXPECT_EQ(TwoSidedT(0, 5).neg_log10, 0);
  EXPECT_EQ(UpperF(kInf, 2, 10).p, 0);
  EXPECT_EQ(UpperF(kInf, 2, 10).neg_log10, kInf);
  EXPECT_TRUE(std::isnan(TwoSidedT(std::nan(""), 5).p));
  EXPECT_TRUE(std::isnan(TwoSidedT(1, std::nan("")).neg_log10));
  EXPECT_TRUE(std::isnan(TwoSidedT(1, 0).p));
}

TEST(Tails, Quantiles) {  // R: qt
  EXPECT_NEAR(QuantileT(0.975, 10), 2.2281388519862739, 1e-12);
  EXPECT_NEAR(QuantileT(0.995, 2676), 2.5776678128073987, 1e-12);
  EXPECT_NEAR(QuantileT(0.975, 1.5), 6.0166631044279288, 1e-11);
  EXPECT_NEAR(QuantileT(0.975, kInf), 1.959963984540054, 1e-14);
}

// Degrees of freedom are estimates, which may come out as good as 0 or without bound.
TEST(Tails, DegreesOfFreedomOfAnySizeGiveNoException) {
  for (const double df : {5e-324, 1e-300, 4.28e-10, 1e-3}) {
    EXPECT_EQ(QuantileT(0.975, df), kInf) << df;  // R: qt(.975, c(4.28e-10, 1e-3)) = Inf Inf
    EXPECT_EQ(QuantileT(0.025, df), -kInf) << df;
    EXPECT_NEAR(TwoSidedT(0.7, df).p, 1, 4e-3) << df;  // R: 2 * pt(-.7, 1e-3) = .9962
  }
  for (const double df : {1e12, 1e100, 1e300}) {
    EXPECT_NEAR(QuantileT(0.975, df), 1.959963984540054, 1e-10) << df;
    EXPECT_NEAR(TwoSidedT(1000, df).neg_log10 / 217150.17, 1, 1e-6) << df;
    EXPECT_EQ(UpperChi2(1e-300, df).p, 1) << df;
  }
}

}  // namespace
}  // namespace kinflow::family
