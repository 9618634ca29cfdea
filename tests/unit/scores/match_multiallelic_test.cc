// Lines on the parts of multi-allelic records.
#include <gtest/gtest.h>

#include <algorithm>

#include "stages/scores/match.h"
#include "stages/scores/match_warnings.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::MatchText;

constexpr char kHeader[] = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n";

MatchRules AnyOverlap() {
  MatchRules rules;
  rules.min_overlap = 0;
  return rules;
}

TEST(MatchMultiallelic, EveryAltOfAMultiallelicRecordIsTried) {
  VariantTable target;
  target.Append("1", 10, "m", "A", "G", 1, true);
  target.Append("1", 10, "m", "A", "C", 1, true);
  const std::string text = std::string(kHeader) + "1\t10\tC\tA\t1\n";
  EXPECT_EQ(MatchText(text, target, AnyOverlap()).scores[0].multiallelic, 1u);
  EXPECT_EQ(MatchText(text, target, AnyOverlap()).scores[0].matched, 0u);
  MatchRules rules;
  rules.keep_multiallelic = true;
  EXPECT_EQ(MatchText(text, target, rules).scores[0].weights.at(0).row, 1u);
}

// A > C,G: 2 - copies of C are those of A and of G together.
TEST(MatchMultiallelic, RefOfAMultiallelicRecordIsNotCounted) {
  VariantTable target;
  target.Append("1", 10, "m", "A", "C", 1, true);
  target.Append("1", 10, "m", "A", "G", 1, true);
  MatchRules rules = AnyOverlap();
  rules.keep_multiallelic = true;
  const auto reason = [&](const std::string& line, MatchBy by = MatchBy::kPosition) {
    const auto m = MatchText(line, target, rules, by);
    const ScoreMatch& match = m.scores.at(0);
    EXPECT_TRUE(match.weights.empty()) << line;
    EXPECT_EQ(match.multiallelic_open, 1u) << line;
    EXPECT_EQ(match.several, 0u) << line;
    for (const auto& row : match.log) {
      if (row.status != MatchStatus::kExcluded) continue;
      const uint32_t at = m.lines->scores()[0].entries[row.entry].line;
      return ReasonOf(row, at, *m.lines, *m.found, rules);
    }
    return std::string();
  };
  EXPECT_EQ(reason(std::string(kHeader) + "1\t10\tA\tC\t1\n"), "multiallelic_ref");
  EXPECT_EQ(reason(std::string(kHeader) + "1\t10\tT\tC\t1\n"), "multiallelic_ref");
  EXPECT_EQ(reason("SNP A1 BETA\nm A 1\n", MatchBy::kId), "multiallelic_ref");
}

// As bcftools norm -m - leaves A > C,G and as a panel of biallelic records has it.
TEST(MatchMultiallelic, RefThatSeveralRecordsHaveIsTold) {
  VariantTable target;
  target.Append("1", 10, "m", "A", "C");
  target.Append("1", 10, "m", "A", "G");
  target.Append("1", 20, "n", "A", "C");
  target.Append("1", 20, "o", "C", "G");
  const auto shared = [&](const std::string& line) {
    const auto m = MatchText(std::string(kHeader) + line, target, AnyOverlap());
    EXPECT_EQ(m.scores[0].weights.size(), 1u) << line;
    const auto told =
        MatchWarnings("s", m.scores[0], *m.lines, 0, MatchBy::kPosition, AnyOverlap());
    EXPECT_EQ(std::any_of(told.begin(), told.end(),
                          [](const std::string& w) {
                            return w.find("1 lines weigh REF where several variants have it") !=
                                   std::string::npos;
                          }),
              m.scores[0].shared_ref == 1)
        << line;
    return m.scores[0].shared_ref;
  };
  EXPECT_EQ(shared("1\t10\tA\tC\t1\n"), 1u);
  EXPECT_EQ(shared("1\t10\tA\tG\t1\n"), 1u);
  EXPECT_EQ(shared("1\t10\tA\t\t1\n"), 1u);
  EXPECT_EQ(shared("1\t10\tC\tA\t1\n"), 0u);
  EXPECT_EQ(shared("1\t20\tA\tC\t1\n"), 0u);
}

// CTT > CT,C in parts: CT > C, which has lost a T, and CTT > C.
TEST(MatchMultiallelic, LinesOnPartsMayHaveTheBasesThatTheyLost) {
  VariantTable target;
  target.Append("1", 10, "m", "CT", "C", 1, true);
  target.Append("1", 10, "m", "CTT", "C", 1, true);
  MatchRules rules = AnyOverlap();
  rules.keep_multiallelic = true;
  const auto row_of = [&](const std::string& alleles) {
    const auto m = MatchText(std::string(kHeader) + "1\t10\t" + alleles + "\t1\n", target, rules);
    const auto& weights = m.scores.at(0).weights;
    return weights.size() == 1 && !weights[0].effect_is_ref ? static_cast<int>(weights[0].row) : -1;
  };
  EXPECT_EQ(row_of("CT\tCTT"), 0);
  EXPECT_EQ(row_of("ct\tctt"), 0);
  EXPECT_EQ(row_of("C\tCT"), 0);
  EXPECT_EQ(row_of("C\tCTT"), 1);
  EXPECT_EQ(row_of("CA\tCAA"), -1);
  // C alone fits both.
  const std::string text = "chr_name\tchr_position\teffect_allele\teffect_weight\n1\t10\tC\t1\n";
  const auto open = MatchText(text, target, rules);
  EXPECT_TRUE(open.scores.at(0).weights.empty());
  EXPECT_EQ(open.scores.at(0).multiallelic_open, 1u);
  // A record of two alleles is as it is written.
  VariantTable two;
  two.Append("1", 10, "m", "CT", "C");
  EXPECT_EQ(MatchText(std::string(kHeader) + "1\t10\tCT\tCTT\t1\n", two, rules).scores[0].matched,
            0u);
}

TEST(MatchMultiallelic, PartsOfAMultiallelicRecordShareItsId) {
  VariantTable target;
  target.Append("1", 10, "m", "A", "G", 1, true);
  target.Append("1", 10, "m", "A", "C", 1, true);
  MatchRules rules;
  rules.keep_multiallelic = true;
  const auto m = MatchText("SNP A1 BETA\nm C 1\n", target, rules, MatchBy::kId);
  EXPECT_TRUE(m.scores[0].pass) << m.scores[0].message;
  EXPECT_EQ(m.scores[0].weights.at(0).row, 1u);
}

}  // namespace
}  // namespace kinflow
