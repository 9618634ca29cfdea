#include "stages/kinship/genome_sharing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "pipeline/base/philox.h"

namespace kinflow::kinship {
namespace {

constexpr uint32_t kVariants = 100;
constexpr uint32_t kBases[] = {250'000'000, 60'000'000};

GenomeSharing TwoChromosomes() {
  GenomeSharing sharing;
  for (size_t c = 0; c < 2; ++c) {
    VariantTable variants;
    for (uint32_t v = 0; v < kVariants; ++v) {
      const std::string name = c == 0 ? "1" : "20";
      variants.Append(name, 1 + v * (kBases[c] / (kVariants - 1)), ".", "A", "C");
    }
    sharing.Add(variants);
  }
  return sharing;
}

/// Which of its two chromosomes a parent hands on, at every variant of both chromosomes.
std::vector<int> Gamete(Philox& random) {
  std::vector<int> from;
  for (const uint32_t bases : kBases) {
    int side = random.Below(2) == 0;
    const double morgans = 1.2e-8 * bases / (kVariants - 1);
    const double recombine = 0.5 * (1 - std::exp(-2 * morgans));  // Haldane
    for (uint32_t v = 0; v < kVariants; ++v) {
      if (v > 0 && random.Below(1u << 30) < recombine * (1u << 30)) side = 1 - side;
      from.push_back(side);
    }
  }
  return from;
}

struct Moments {
  double sum = 0, squares = 0;
  int n = 0;
  void Add(double x) {
    sum += x;
    squares += x * x;
    ++n;
  }
  double mean() const { return sum / n; }
  double variance() const { return squares / n - mean() * mean(); }
};

// Families drawn with crossovers vary as much as the formulas say.
TEST(GenomeSharing, VariancesAreThoseOfMeioses) {
  Philox random(11, 0);
  Moments sibs, ibd0, grandparent, great;
  for (int family = 0; family < 20000; ++family) {
    const auto f1 = Gamete(random), f2 = Gamete(random), m1 = Gamete(random), m2 = Gamete(random);
    double kinship = 0, none = 0, one = 0, two = 0;
    for (size_t v = 0; v < f1.size(); ++v) {
      const int shared = (f1[v] == f2[v]) + (m1[v] == m2[v]);
      kinship += shared / 4.0;
      none += shared == 0;
      one += f1[v] == 0;  // the grandparent's allele
      two += f1[v] == 0 && m1[v] == 0;
    }
    const auto n = static_cast<double>(f1.size());
    sibs.Add(kinship / n);
    ibd0.Add(none / n);
    grandparent.Add(one / n / 4);
    great.Add(two / n / 4);
  }
  const GenomeSharing sharing = TwoChromosomes();
  EXPECT_NEAR(sibs.mean(), 0.25, 0.002);
  EXPECT_NEAR(great.mean(), 0.0625, 0.002);
  const auto same = [](double formula, const Moments& drawn) {
    EXPECT_NEAR(formula / drawn.variance(), 1, 0.05);
  };
  same(sharing.KinshipVariance(Relation::kFullSib), sibs);
  same(sharing.Ibd0Variance(), ibd0);
  same(sharing.KinshipVariance(Relation::kSecondDegree), grandparent);
  same(sharing.KinshipVariance(Relation::kThirdDegree), great);
  EXPECT_EQ(sharing.KinshipVariance(Relation::kParentChild), 0);
  EXPECT_EQ(sharing.KinshipVariance(Relation::kUnrelated), 0);
}

}  // namespace
}  // namespace kinflow::kinship
