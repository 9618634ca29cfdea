#include "stages/qc/hwe.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace kinflow {
namespace {

long double LogFactorial(long n) {
  long double sum = 0;
  for (long i = 2; i <= n; ++i) sum += std::log(static_cast<long double>(i));
  return sum;
}

// Probability of a table, from its definition.
long double LogWeight(long aa, long ab, long bb, long ma, long mb) {
  return ab * std::log(2.0L) - LogFactorial(aa) - LogFactorial(ab) - LogFactorial(bb) -
         LogFactorial(ma) - LogFactorial(mb);
}

// Enumerates every table with the same margins.
double ByEnumeration(long aa, long ab, long bb, long ma, long mb, bool midp) {
  const long females = aa + ab + bb, males = ma + mb, a = 2 * aa + ab + ma;
  const long double observed = LogWeight(aa, ab, bb, ma, mb);
  long double total = 0, tail = 0, ties = 0;
  for (long m = 0; m <= males; ++m) {
    const long in_females = a - m;
    if (in_females < 0 || in_females > 2 * females) continue;
    for (long het = in_females % 2; het <= in_females; het += 2) {
      const long hom1 = (in_females - het) / 2, hom2 = females - het - hom1;
      if (hom2 < 0) continue;
      const long double log_ratio = LogWeight(hom1, het, hom2, m, males - m) - observed;
      const long double w = std::exp(log_ratio);
      total += w;
      if (log_ratio < 1e-12L) tail += w;
      if (std::abs(log_ratio) < 1e-12L) ties += w;
    }
  }
  return static_cast<double>((midp ? tail - ties / 2 : tail) / total);
}

TEST(Hwe, EqualsEnumeration) {
  for (uint32_t n = 0; n <= 24; ++n) {
    for (uint32_t het = 0; het <= n; ++het) {
      for (uint32_t hom1 = 0; het + hom1 <= n; ++hom1) {
        for (const bool midp : {false, true}) {
          const double p = HweP(het, hom1, n - het - hom1, midp);
          EXPECT_NEAR(p, ByEnumeration(hom1, het, n - het - hom1, 0, 0, midp), 1e-11);
        }
      }
    }
  }
}

TEST(Hwe, EqualsEnumerationOnLargeTables) {
  for (const auto& [het, hom1, hom2] :
       {std::array{57u, 14u, 50u}, {300u, 400u, 90u}, {500u, 10u, 700u}, {40u, 800u, 0u}}) {
    for (const bool midp : {false, true}) {
      const double expected = ByEnumeration(hom1, het, hom2, 0, 0, midp);
      EXPECT_NEAR(HweP(het, hom1, hom2, midp) / expected, 1, 1e-9);
    }
  }
}

TEST(Hwe, ExtremeTablesGiveTinyPValuesNotErrors) {
  EXPECT_EQ(HweP(0, 5000, 5000, true), 0);
  EXPECT_GT(HweP(0, 100, 100, true), 0);
  EXPECT_LT(HweP(0, 100, 100, true), 1e-50);
  EXPECT_LT(HweP(20000, 0, 0, true), 1e-290);
  EXPECT_DOUBLE_EQ(HweP(0, 20000, 0, false), 1);
  EXPECT_DOUBLE_EQ(HweP(0, 20000, 0, true), 0.5);
}

TEST(HweX, EqualsEnumeration) {
  for (uint32_t females = 0; females <= 9; ++females) {
    for (uint32_t males = 0; males <= 7; ++males) {
      for (uint32_t het = 0; het <= females; ++het) {
        for (uint32_t hom1 = 0; het + hom1 <= females; ++hom1) {
          for (uint32_t male1 = 0; male1 <= males; ++male1) {
            const uint32_t hom2 = females - het - hom1;
            for (const bool midp : {false, true}) {
              ASSERT_NEAR(HweXP(het, hom1, hom2, male1, males - male1, midp),
                          ByEnumeration(hom1, het, hom2, male1, males - male1, midp), 1e-11)
                  << het << " " << hom1 << " " << hom2 << " " << male1 << " " << males;
            }
          }
        }
      }
    }
  }
}

TEST(HweX, EqualsEnumerationOnLargeTables) {
  for (const auto& t : {std::array{60u, 110u, 12u, 150u, 70u},
                        {5u, 200u, 3u, 90u, 60u},
                        {150u, 20u, 20u, 10u, 180u},
                        {30u, 30u, 30u, 0u, 100u}}) {
    const double expected = ByEnumeration(t[1], t[0], t[2], t[3], t[4], true);
    EXPECT_NEAR(HweXP(t[0], t[1], t[2], t[3], t[4], true) / expected, 1, 1e-8);
  }
}

TEST(HweX, WithoutMalesIsTheAutosomalTest) {
  EXPECT_DOUBLE_EQ(HweXP(57, 14, 50, 0, 0, true), HweP(57, 14, 50, true));
}

}  // namespace
}  // namespace kinflow
