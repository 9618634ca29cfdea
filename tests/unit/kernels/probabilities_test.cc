#include "pipeline/kernels/probabilities.h"

#include <gtest/gtest.h>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

using test::OnEachTarget;

struct Probabilities {
  Probabilities(uint32_t n, uint64_t seed) : pairs(2 * n), ploidy(n, 2) {
    Philox random(seed, n);
    for (uint32_t s = 0; s < n; ++s) {
      const auto a = random.Below(256);
      pairs[2 * s] = static_cast<uint8_t>(a);
      pairs[2 * s + 1] = static_cast<uint8_t>(random.Below(256 - a));
      if (random.Below(5) == 0) ploidy[s] = 0x82;
    }
  }
  std::vector<uint8_t> pairs, ploidy;
};

TEST(ProbabilitiesToDosages, EachPairOfBytes) {
  // Every legal pair once, by the definition of a dosage: P01 + 2 P11.
  std::vector<uint8_t> pairs;
  std::vector<uint16_t> expected;
  for (uint32_t a = 0; a < 256; ++a) {
    for (uint32_t b = 0; a + b < 256; ++b) {
      pairs.push_back(static_cast<uint8_t>(a));
      pairs.push_back(static_cast<uint8_t>(b));
      expected.push_back(static_cast<uint16_t>(b + 2 * (255 - a - b)));
    }
  }
  OnEachTarget([&](const char* target) {
    std::vector<uint16_t> out(expected.size());
    EXPECT_TRUE(ProbabilitiesToDosages(pairs.data(), nullptr, static_cast<uint32_t>(out.size()),
                                       out.data()))
        << target;
    EXPECT_EQ(out, expected) << target;
  });
}

TEST(ProbabilitiesToDosages, EqualsPlainCodeAtEverySize) {
  for (uint32_t n = 0; n < 200; ++n) {
    const Probabilities p(n, 5);
    for (const uint8_t* ploidy : {static_cast<const uint8_t*>(nullptr), p.ploidy.data()}) {
      std::vector<uint16_t> expected(n + 1, 7);
      EXPECT_TRUE(scalar::ProbabilitiesToDosages(p.pairs.data(), ploidy, n, expected.data()));
      OnEachTarget([&](const char* target) {
        std::vector<uint16_t> out(n + 1, 7);  // one behind the end stays
        EXPECT_TRUE(ProbabilitiesToDosages(p.pairs.data(), ploidy, n, out.data())) << target;
        EXPECT_EQ(out, expected) << target << " " << n;
      });
    }
  }
}

TEST(ProbabilitiesToDosages, FindsASumAboveOneAnywhere) {
  constexpr uint32_t kSamples = 150;
  for (uint32_t bad = 0; bad < kSamples; ++bad) {
    Probabilities p(kSamples, 6);
    p.pairs[2 * bad] = 128;
    p.pairs[2 * bad + 1] = 128;
    p.ploidy[bad] = 2;
    OnEachTarget([&](const char* target) {
      std::vector<uint16_t> out(kSamples);
      EXPECT_FALSE(ProbabilitiesToDosages(p.pairs.data(), nullptr, kSamples, out.data())) << target;
      EXPECT_FALSE(ProbabilitiesToDosages(p.pairs.data(), p.ploidy.data(), kSamples, out.data()))
          << target;
      // What a missing sample stores is not looked at.
      std::vector<uint8_t> ploidy = p.ploidy;
      ploidy[bad] = 0x82;
      EXPECT_TRUE(ProbabilitiesToDosages(p.pairs.data(), ploidy.data(), kSamples, out.data()))
          << target;
      EXPECT_EQ(out[bad], 65535) << target;
    });
  }
}

}  // namespace
}  // namespace kinflow
