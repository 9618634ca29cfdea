#include "pipeline/data/alleles.h"

#include <gtest/gtest.h>

#include "pipeline/data/variant_table.h"

namespace kinflow {
namespace {

/// Best type of a pair as text, "none" without any.
std::string Best(std::string_view ea, std::string_view oa, std::string_view ref,
                 std::string_view alt) {
  const unsigned types = MatchTypes(ea, oa, ref, alt);
  for (unsigned t = 0; t < 8; ++t) {
    if (types >> t & 1) return std::string(MatchTypeName(static_cast<MatchType>(t)));
  }
  return "none";
}

// Classification table of the PGS Catalog calculator's own unit tests.
TEST(Alleles, ClassificationTable) {
  EXPECT_EQ(Best("A", "C", "A", "C"), "refalt");
  EXPECT_EQ(Best("A", "C", "C", "A"), "altref");
  EXPECT_EQ(Best("A", "C", "T", "G"), "refalt_flip");
  EXPECT_EQ(Best("A", "C", "G", "T"), "altref_flip");
  EXPECT_EQ(Best("A", "", "A", "T"), "no_oa_ref");
  EXPECT_EQ(Best("A", "", "T", "A"), "no_oa_alt");
  EXPECT_EQ(Best("A", "C", "C", "G"), "none");
}

TEST(Alleles, FlipWithoutOtherAllele) {
  EXPECT_EQ(Best("A", "", "T", "C"), "no_oa_ref_flip");
  EXPECT_EQ(Best("A", "", "C", "T"), "no_oa_alt_flip");
  EXPECT_EQ(Best("A", "", "C", "G"), "none");
}

// All types that hold are candidates, not the best alone: a palindrome agrees on both strands.
TEST(Alleles, PalindromeMatchesTwice) {
  EXPECT_EQ(MatchTypes("A", "T", "A", "T"), 1u << 0 | 1u << 3);
  EXPECT_EQ(MatchTypes("T", "A", "A", "T"), 1u << 1 | 1u << 2);
  EXPECT_EQ(MatchTypes("A", "", "A", "T"), 1u << 4 | 1u << 7);
}

TEST(Alleles, ComplementIsNotReversedAndKeepsOtherText) {
  EXPECT_EQ(Complement("AACG"), "TTGC");
  EXPECT_EQ(Complement("ACN"), "ACN");
  EXPECT_EQ(Complement("<DEL>"), "<DEL>");
}

TEST(Alleles, LongAllelesFlipBaseByBase) {
  EXPECT_EQ(Best("AC", "A", "TG", "T"), "refalt_flip");
  EXPECT_EQ(Best("AC", "A", "GT", "T"), "none");  // the reverse complement does not count
}

TEST(Alleles, AmbiguousAnyLengthUnreversed) {
  EXPECT_TRUE(IsAmbiguous("A", "T"));
  EXPECT_TRUE(IsAmbiguous("G", "C"));
  EXPECT_FALSE(IsAmbiguous("A", "C"));
  EXPECT_FALSE(IsAmbiguous("A", "AT"));
  EXPECT_TRUE(IsAmbiguous("AT", "TA"));  // rule set v2
  EXPECT_FALSE(IsAmbiguous("<DEL>", "<DEL>"));
}

// Case E, last row: on the other strand AT reads AT.
TEST(Alleles, StrictRulesReverse) {
  constexpr auto kReverse = OtherStrand::kReverseComplement;
  EXPECT_FALSE(IsAmbiguous("AT", "TA", kReverse));
  EXPECT_TRUE(IsAmbiguous("AG", "CT", kReverse));
  EXPECT_FALSE(IsAmbiguous("AG", "CT"));
  EXPECT_TRUE(IsAmbiguous("a", "T", kReverse));
  EXPECT_FALSE(IsAmbiguous("<DEL>", "<DEL>", kReverse));
  EXPECT_EQ(MatchTypes("AC", "A", "GT", "T", kReverse), 1u << 2);
  EXPECT_EQ(MatchTypes("AC", "A", "TG", "T", kReverse), 0u);
}

TEST(Alleles, CaseDoesNotMatter) { EXPECT_EQ(Best("A", "c", "a", "C"), "refalt"); }

TEST(Alleles, EffectSideFollowsType) {
  EXPECT_TRUE(EffectIsRef(MatchType::kRefAlt));
  EXPECT_FALSE(EffectIsRef(MatchType::kAltRefFlip));
  EXPECT_TRUE(EffectIsRef(MatchType::kNoOaRefFlip));
  EXPECT_FALSE(EffectIsRef(MatchType::kNoOaAlt));
}

}  // namespace
}  // namespace kinflow
