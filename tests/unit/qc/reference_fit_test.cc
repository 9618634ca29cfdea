// What a reference of allele frequencies says of a variant. Chi-squares are R's prop.test without
// correction and (of a known frequency) its one-sample form.

#include "stages/qc/reference_fit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace kinflow {
namespace {

TEST(ReferenceFit, Alleles) {
  EXPECT_EQ(FitAlleles("A", "C", "A", "C"), AlleleFit::kSame);
  EXPECT_EQ(FitAlleles("A", "C", "c", "a"), AlleleFit::kSwapped);
  EXPECT_EQ(FitAlleles("A", "C", "T", "G"), AlleleFit::kStrand);
  EXPECT_EQ(FitAlleles("A", "C", "G", "T"), AlleleFit::kStrandSwapped);
  EXPECT_EQ(FitAlleles("A", "T", "T", "A"), AlleleFit::kSwapped);
  EXPECT_EQ(FitAlleles("A", "AGT", "T", "ACT"), AlleleFit::kStrand);
  EXPECT_EQ(FitAlleles("A", "C", "A", "G"), AlleleFit::kOther);
  // Nobody carries the other allele.
  EXPECT_EQ(FitAlleles("A", ".", "A", "C"), AlleleFit::kSame);
  EXPECT_EQ(FitAlleles("A", ".", "C", "A"), AlleleFit::kSwapped);
  EXPECT_EQ(FitAlleles("A", ".", "C", "T"), AlleleFit::kStrandSwapped);
  EXPECT_EQ(FitAlleles("A", "C", "C", ""), AlleleFit::kSwapped);
  EXPECT_EQ(FitAlleles("A", ".", "A", ""), AlleleFit::kSame);
  EXPECT_EQ(FitAlleles("A", ".", "C", "G"), AlleleFit::kOther);
}

// prop.test(c(30, 80), c(100, 200), correct = FALSE); prop.test(30, 100, 0.4, correct = FALSE)
TEST(ReferenceFit, ChiSquareIsThatOfR) {
  EXPECT_NEAR(FrequencyChi2(30, 100, 0.4, 200), 2.870813, 1e-6);
  EXPECT_NEAR(FrequencyChi2(30, 100, 0.4, std::nan("")), 4.166667, 1e-6);
}

ReferenceStatus StatusOf(double alt, double all, ReferenceAllele reference, bool palindromic) {
  return JudgeByReference(alt, all, reference, palindromic, {}).status;
}

TEST(ReferenceFit, Statuses) {
  const double n = 1000;
  EXPECT_EQ(StatusOf(100, n, {AlleleFit::kSame, 0.12, n}, false), ReferenceStatus::kAgrees);
  EXPECT_EQ(StatusOf(100, n, {AlleleFit::kStrand, 0.12, n}, false), ReferenceStatus::kStrand);
  EXPECT_EQ(StatusOf(100, n, {AlleleFit::kSame, 0.88, n}, false), ReferenceStatus::kExchanged);
  EXPECT_EQ(StatusOf(100, n, {AlleleFit::kSame, 0.88, n}, true),
            ReferenceStatus::kPalindromicTurned);
  EXPECT_EQ(StatusOf(450, n, {AlleleFit::kSame, 0.5, n}, true), ReferenceStatus::kPalindromic);
  EXPECT_EQ(StatusOf(450, n, {AlleleFit::kSame, 0.5, n}, false), ReferenceStatus::kAgrees);
  EXPECT_EQ(StatusOf(100, n, {AlleleFit::kStrand, 0.5, n}, false), ReferenceStatus::kDifference);
  EXPECT_EQ(StatusOf(100, n, {AlleleFit::kOther, 0.1, n}, false), ReferenceStatus::kAlleles);
  EXPECT_EQ(StatusOf(100, n, {}, false), ReferenceStatus::kAbsent);
  EXPECT_EQ(StatusOf(0, 0, {AlleleFit::kSame, 0.1, n}, false), ReferenceStatus::kNotCompared);
}

TEST(ReferenceFit, ChanceExplainsDifferencesOfFewPeople) {
  EXPECT_EQ(StatusOf(3, 6, {AlleleFit::kSame, 0.1, 1000}, false), ReferenceStatus::kAgrees);
  EXPECT_EQ(StatusOf(60, 120, {AlleleFit::kSame, 0.1, 1000}, false), ReferenceStatus::kDifference);
  const ReferenceAllele monomorphic{AlleleFit::kSame, 0, std::nan("")};
  EXPECT_EQ(StatusOf(0, 120, monomorphic, false), ReferenceStatus::kAgrees);
  EXPECT_EQ(StatusOf(60, 120, monomorphic, false), ReferenceStatus::kDifference);
}

}  // namespace
}  // namespace kinflow
