#include "stages/kinship/kinship.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/philox.h"

namespace kinflow::kinship {
namespace {

TEST(Kinship, IsThatOfAPairPrintedByPlink2) {
  // NA19139 and NA19152 of the HapMap trios: 8,682 variants, KINSHIP -0.00551696.
  const PairCounts pair{933, 447, 8682 - 933 - 1514 - 1646, 1514, 1646};
  EXPECT_NEAR(Kinship(pair), -0.00551696, 5e-9);
  EXPECT_NEAR(HetHetShare(pair), 0.107464, 5e-7);
  EXPECT_NEAR(Ibs0Share(pair), 0.0514858, 5e-8);
}

TEST(Kinship, OneHalfOfOnePersonAndUndefinedWithoutHeterozygousCalls) {
  EXPECT_DOUBLE_EQ(Kinship({100, 0, 200, 0, 0}), 0.5);
  EXPECT_DOUBLE_EQ(KinshipError({100, 0, 200, 0, 0}), 0);
  EXPECT_FALSE(std::isfinite(Kinship({0, 0, 200, 0, 0})));
  EXPECT_FALSE(std::isfinite(Kinship({0, 3, 200, 10, 0})));
}

/// A pair at `variants` independent variants of frequency 0.1 to 0.5; the second person has one
/// allele of the first (`related`) or none.
PairCounts Draw(Philox& random, uint32_t variants, bool related) {
  PairCounts pair;
  const auto one_in = [&](double p) { return random.Below(1u << 30) < p * (1u << 30); };
  for (uint32_t v = 0; v < variants; ++v) {
    const double p = 0.1 + 0.4 * static_cast<double>(random.Below(1000)) / 1000;
    const int a1 = one_in(p), a2 = one_in(p), b1 = related ? a1 : one_in(p), b2 = one_in(p);
    const bool het_a = a1 != a2, het_b = b1 != b2;
    pair.het_het += het_a && het_b;
    pair.hom_hom += !het_a && !het_b;
    pair.ibs0 += !het_a && !het_b && a1 != b1;
    pair.het_hom += het_a && !het_b;
    pair.hom_het += !het_a && het_b;
  }
  return pair;
}

// What the error claims is how much the estimate varies over pairs drawn anew.
TEST(KinshipError, IsTheSpreadOfTheEstimate) {
  for (const bool related : {false, true}) {
    constexpr int kPairs = 4000;
    Philox random(7, related);
    double sum = 0, squares = 0, claimed = 0, z_squares = 0;
    for (int i = 0; i < kPairs; ++i) {
      const PairCounts pair = Draw(random, 1000, related);
      const double kinship = Kinship(pair);
      sum += kinship;
      squares += kinship * kinship;
      claimed += KinshipError(pair) * KinshipError(pair);
      z_squares += UnrelatedZ(pair) * UnrelatedZ(pair);
    }
    const double mean = sum / kPairs;
    const double spread = std::sqrt(squares / kPairs - mean * mean);
    EXPECT_NEAR(mean, related ? 0.25 : 0, 0.02);
    EXPECT_NEAR(std::sqrt(claimed / kPairs) / spread, 1, 0.1) << related;
    if (!related) {
      EXPECT_NEAR(std::sqrt(z_squares / kPairs), 1, 0.15);
    }
  }
}

}  // namespace
}  // namespace kinflow::kinship
