#include "stages/kinship/classes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace kinflow::kinship {
namespace {

/// 22 chromosomes of 130 Mb.
GenomeSharing WholeGenome() {
  GenomeSharing sharing;
  for (int c = 1; c <= 22; ++c) {
    VariantTable variants;
    variants.Append(std::to_string(c), 1, ".", "A", "C");
    variants.Append(std::to_string(c), 130'000'000, ".", "A", "C");
    sharing.Add(variants);
  }
  return sharing;
}

Expectations Usual() {
  Expectations expected;
  expected.sharing = WholeGenome();
  expected.error_ibs0 = 0.0005;
  expected.unrelated_ibs0 = 0.08;
  return expected;
}

/// Counts of `n` variants, of which 40 % are heterozygous in either person.
PairCounts At(double kinship, double ibs0_share, uint32_t n) {
  PairCounts pair;
  pair.ibs0 = static_cast<uint32_t>(ibs0_share * n);
  const double het = 0.4 * n;
  const double one = (4 * het * (0.5 - kinship) - 4 * pair.ibs0) / 2;
  pair.het_hom = pair.hom_het = static_cast<uint32_t>(one);
  pair.het_het = static_cast<uint32_t>(het) - pair.het_hom;
  pair.hom_hom = n - pair.het_het - 2 * pair.het_hom;
  return pair;
}

TEST(Classify, FollowsKingsCutOffsWhereErrorsAreSmall) {
  const Expectations expected = Usual();
  const auto at = [&](double kinship, double ibs0) {
    return Classify(At(kinship, ibs0, 50000), expected);
  };
  EXPECT_EQ(at(0.498, 0), Relation::kDuplicate);
  EXPECT_EQ(at(0.40, 0.001), Relation::kDuplicate);
  EXPECT_EQ(at(0.33, 0.01), Relation::kFullSib);
  EXPECT_EQ(at(0.25, 0.0005), Relation::kParentChild);
  EXPECT_EQ(at(0.25, 0.02), Relation::kFullSib);
  EXPECT_EQ(at(0.18, 0.025), Relation::kFullSib);
  EXPECT_EQ(at(0.175, 0.03), Relation::kSecondDegree);
  EXPECT_EQ(at(0.09, 0.04), Relation::kSecondDegree);
  EXPECT_EQ(at(0.087, 0.04), Relation::kThirdDegree);
  EXPECT_EQ(at(0.045, 0.05), Relation::kThirdDegree);
  EXPECT_EQ(at(0.043, 0.05), Relation::kUnrelated);
  EXPECT_EQ(Classify({0, 0, 100, 0, 0}, expected), Relation::kUnrelated);
}

// 600 variants on one chromosome: sibs that share much look like no other relation than sibs.
TEST(Classify, SibsMayShareNearlyAllOfASmallGenome) {
  Expectations expected = Usual();
  expected.sharing = GenomeSharing();
  VariantTable variants;
  variants.Append("1", 1, ".", "A", "C");
  variants.Append("1", 249'000'000, ".", "A", "C");
  expected.sharing.Add(variants);
  EXPECT_EQ(Classify(At(0.363, 0.004, 600), expected), Relation::kFullSib);
  EXPECT_EQ(Classify(At(0.497, 0, 600), expected), Relation::kDuplicate);
  EXPECT_EQ(Classify(At(0.25, 0, 600), expected), Relation::kParentChild);
}

// Admixture and inbreeding move kinship, not IBS0; bad samples have more IBS0, not as much as sibs.
TEST(Classify, ParentAndChildOfUnusualKinshipOrErrorRate) {
  const Expectations expected = Usual();
  EXPECT_EQ(Classify(At(0.21, 0.0005, 50000), expected), Relation::kParentChild);
  EXPECT_EQ(Classify(At(0.29, 0.0002, 50000), expected), Relation::kParentChild);
  EXPECT_EQ(Classify(At(0.24, 0.003, 50000), expected), Relation::kParentChild);
  EXPECT_EQ(Classify(At(0.24, 0.012, 50000), expected), Relation::kFullSib);
}

TEST(Expectations, TailsOfIbs0) {
  const Expectations expected = Usual();  // 50,000 variants: mean 25, of full sibs 1000
  EXPECT_DOUBLE_EQ(expected.ParentChildTail(At(0.25, 0, 50000)), 1);
  EXPECT_NEAR(expected.ParentChildTail(At(0.25, 0.002, 50000)), std::pow(25.0 / 26, 100), 1e-12);
  EXPECT_LT(expected.ParentChildTail(At(0.25, 0.02, 50000)), 1e-16);
  EXPECT_LT(expected.FullSibTail(At(0.25, 0.0005, 50000)), 1e-20);
  EXPECT_NEAR(expected.FullSibTail(At(0.25, 0.02, 50000)), 0.5, 0.05);
  EXPECT_NEAR(expected.FullSibTail(At(0.25, 0.06, 50000)), 1, 1e-6);
}

}  // namespace
}  // namespace kinflow::kinship
