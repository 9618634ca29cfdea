#include "stages/scores/match.h"

#include <gtest/gtest.h>

#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::MatchText;

constexpr char kHeader[] = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n";

VariantTable Target(const std::vector<std::array<std::string, 5>>& rows) {
  VariantTable out;
  for (const auto& [chrom, pos, id, ref, alt] : rows) {
    out.Append(chrom, static_cast<uint32_t>(std::stoul(pos)), id, ref, alt);
  }
  return out;
}

MatchRules AnyOverlap() {
  MatchRules rules;
  rules.min_overlap = 0;
  return rules;
}

TEST(Match, LabelsOfASimpleScore) {
  const auto target = Target({{"1", "10", "a", "A", "C"},
                              {"1", "20", "b", "G", "A"},
                              {"1", "30", "c", "A", "T"},
                              {"2", "10", "d", "A", "C"}});
  const auto m = MatchText(std::string(kHeader) +
                               "1\t10\tA\tC\t0.5\n"    // refalt
                               "1\t20\tT\tC\t-0.25\n"  // altref_flip
                               "1\t30\tA\tT\t1\n"      // ambiguous
                               "2\t10\tA\tG\t2\n"      // alleles
                               "2\t11\tA\tC\t4\n",     // absent
                           target, AnyOverlap());
  const ScoreMatch& s = m.scores.at(0);
  EXPECT_EQ(s.lines, 5u);
  EXPECT_EQ(s.matched, 2u);
  EXPECT_EQ(s.excluded, 1u);
  EXPECT_EQ(s.unmatched, 2u);
  EXPECT_EQ(s.flipped, 1u);
  EXPECT_EQ(s.ambiguous, 1u);
  EXPECT_DOUBLE_EQ(s.weight_total, 7.75);
  EXPECT_DOUBLE_EQ(s.weight_matched, 0.75);
  ASSERT_EQ(s.weights.size(), 2u);
  EXPECT_EQ(s.weights[0].row, 0u);
  EXPECT_TRUE(s.weights[0].effect_is_ref);
  EXPECT_EQ(s.weights[1].row, 1u);
  EXPECT_FALSE(s.weights[1].effect_is_ref);  // T is the complement of ALT = A
  EXPECT_EQ(s.weights[1].weight, -0.25);
  // The palindrome is a candidate twice: best by refalt, not best by altref_flip.
  ASSERT_EQ(s.log.size(), 6u);
  EXPECT_EQ(s.log[2].status, MatchStatus::kExcluded);
  EXPECT_EQ(s.log[3].status, MatchStatus::kNotBest);
  EXPECT_EQ(s.log[3].type, MatchType::kAltRefFlip);
  std::vector<std::string> reasons;
  for (const auto& row : s.log) {
    const uint32_t line = m.lines->scores()[0].entries[row.entry].line;
    reasons.emplace_back(ReasonOf(row, line, *m.lines, *m.found, AnyOverlap()));
  }
  EXPECT_EQ(reasons, (std::vector<std::string>{"matched", "matched", "ambiguous", "not_best",
                                               "alleles", "absent"}));
}

TEST(Match, VariantsThatQcRemovedAreNamedAsSuch) {
  ScoreLines lines;
  const std::string path = test::WriteFile("score.txt", std::string(kHeader) +
                                                            "1\t10\tA\tG\t0.5\n"
                                                            "1\t20\tA\tC\t0.5\n"
                                                            "1\t30\tA\tC\t0.5\n");
  ScoreFileReader reader(path);
  AppendScoreFile(reader, path, true, lines);
  MatchFinder found(lines, MatchBy::kPosition);
  // The second filter removed 10 and 20; at 20 the alleles are others.
  found.Add({Target({{"1", "10", "a", "A", "G"}, {"1", "20", "b", "A", "G"}}),
             {UINT64_MAX, UINT64_MAX},
             {0.25, 0.25},
             {2, 2}});
  found.Finish();
  const ScoreMatch match = LabelScore(lines, 0, found, AnyOverlap());
  EXPECT_EQ(match.matched, 0u);
  EXPECT_EQ(match.removed_by_qc, 1u);
  EXPECT_NE(match.message.find("QC removed the variants of 1 more"), std::string::npos);
  std::vector<std::string> reasons;
  for (const auto& row : match.log) {
    reasons.push_back(ReasonOf(row, lines.scores()[0].entries[row.entry].line, lines, found,
                               AnyOverlap(), {"call_rate", "maf"}));
  }
  EXPECT_EQ(reasons, (std::vector<std::string>{"qc_maf", "alleles", "absent"}));
}

TEST(Match, KeepAmbiguousTakesThemAsTheyStand) {
  const auto target = Target({{"1", "30", "c", "A", "T"}});
  MatchRules rules;
  rules.ambiguous = MatchRules::Ambiguous::kKeep;
  const auto m = MatchText(std::string(kHeader) + "1\t30\tT\tA\t1\n", target, rules);
  ASSERT_EQ(m.scores[0].weights.size(), 1u);
  EXPECT_FALSE(m.scores[0].weights[0].effect_is_ref);
  EXPECT_TRUE(m.scores[0].pass);
}

TEST(Match, MessagesNameWhyLinesAreLeftOut) {
  const VariantTable target = Target({{"1", "10", "a", "A", "C"}, {"1", "30", "c", "A", "T"}});
  const std::string text =
      std::string(kHeader) + "1\t10\tA\tC\t1\n1\t30\tA\tT\t1\n1\t31\tA\tT\t1\n1\t32\tA\tT\t1\n";
  MatchRules rules;
  EXPECT_EQ(MatchText(text, target, rules).scores[0].message,
            "match rate 0.250 is below min_overlap 0.75: 2 of 4 lines are in the target, 1 used (1 "
            "ambiguous)");
  rules.ambiguous = MatchRules::Ambiguous::kKeep;
  EXPECT_EQ(MatchText(text, target, rules).scores[0].message,
            "match rate 0.500 is below min_overlap 0.75: 2 of 4 lines are in the target, 2 used");
}

TEST(Match, StrandFlipsCanBeRefused) {
  const auto target = Target({{"1", "10", "a", "A", "C"}});
  MatchRules rules = AnyOverlap();
  rules.ignore_strand_flips = true;
  const std::string text = std::string(kHeader) + "1\t10\tT\tG\t1\n";
  EXPECT_EQ(MatchText(text, target, rules).scores[0].excluded, 1u);
  rules.ignore_strand_flips = false;
  EXPECT_EQ(MatchText(text, target, rules).scores[0].matched, 1u);
}

TEST(Match, LinesOnOneVariantAreDroppedOrTheFirstIsKept) {
  const auto target = Target({{"1", "10", "a", "A", "C"}, {"1", "20", "b", "A", "C"}});
  const std::string text =
      std::string(kHeader) + "1\t10\tC\tA\t1\n1\t20\tA\tC\t1\n1\t10\tA\tC\t2\n";
  const auto dropped = MatchText(text, target, AnyOverlap());
  EXPECT_EQ(dropped.scores[0].matched, 1u);
  EXPECT_EQ(dropped.scores[0].duplicates, 2u);
  MatchRules rules = AnyOverlap();
  rules.keep_first_match = true;
  const auto kept = MatchText(text, target, rules);
  ASSERT_EQ(kept.scores[0].weights.size(), 2u);
  EXPECT_EQ(kept.scores[0].weights[0].weight, 1);
  EXPECT_FALSE(kept.scores[0].weights[0].effect_is_ref);
}

// Two target records at one position with other REF: the first one in the file is taken.
TEST(Match, DuplicateBestMatch) {
  const auto target = Target({{"1", "10", "a", "A", "C"}, {"1", "10", "b", "A", "G"}});
  const auto m = MatchText("chr_name\tchr_position\teffect_allele\teffect_weight\n1\t10\tA\t1\n",
                           target, AnyOverlap());
  ASSERT_EQ(m.scores[0].log.size(), 2u);
  EXPECT_TRUE(m.scores[0].log[0].duplicate_best);
  EXPECT_EQ(m.scores[0].log[0].status, MatchStatus::kMatched);
  EXPECT_EQ(m.scores[0].log[1].status, MatchStatus::kNotBest);
  EXPECT_EQ(m.scores[0].weights.at(0).row, 0u);
}

TEST(Match, StrictRulesDropLinesThatFitSeveralVariants) {
  const auto target = Target({{"1", "10", "a", "A", "C"}, {"1", "10", "b", "A", "G"}});
  const std::string text =
      "chr_name\tchr_position\teffect_allele\teffect_weight\n1\t10\tA\t1\n1\t10\tG\t2\n";
  MatchRules rules = AnyOverlap();
  rules.set = MatchRules::Set::kStrict;
  const auto m = MatchText(text, target, rules);
  const ScoreMatch& s = m.scores[0];
  EXPECT_EQ(s.matched, 1u);
  EXPECT_EQ(s.excluded, 1u);
  ASSERT_EQ(s.weights.size(), 1u);
  EXPECT_EQ(s.weights[0].weight, 2);
  EXPECT_EQ(ReasonOf(s.log[0], 0, *m.lines, *m.found, rules), "several_variants");
}

TEST(Match, StrictRulesReverseTheOtherStrand) {
  const auto target = Target({{"1", "10", "a", "AT", "TA"}, {"1", "20", "b", "GT", "T"}});
  const std::string text = std::string(kHeader) + "1\t10\tAT\tTA\t1\n1\t20\tAC\tA\t2\n";
  MatchRules rules = AnyOverlap();
  const auto v2 = MatchText(text, target, rules);
  EXPECT_EQ(v2.scores[0].ambiguous, 1u);
  EXPECT_EQ(v2.scores[0].matched, 0u);
  rules.set = MatchRules::Set::kStrict;
  const auto strict = MatchText(text, target, rules);
  EXPECT_EQ(strict.scores[0].ambiguous, 0u);
  EXPECT_EQ(strict.scores[0].matched, 2u);
  EXPECT_EQ(strict.scores[0].flipped, 1u);
}

TEST(Match, ById) {
  const auto target = Target({{"1", "10", "rs1", "A", "C"}, {"5", "20", "rs2", "A", "C"}});
  const std::string text = "SNP A1 A2 BETA\nrs2 C A 0.5\nrs9 C A 1\n";
  const auto m = MatchText(text, target, AnyOverlap(), MatchBy::kId);
  EXPECT_EQ(m.scores[0].matched, 1u);
  EXPECT_EQ(m.scores[0].weights.at(0).row, 1u);
}

TEST(Match, ByIdNamesOfAnotherKindAreTold) {
  const auto target = Target({{"1", "10", "1:10:A:C", "A", "C"}});
  const auto m = MatchText("SNP A1 BETA\nrs9 C 1\n", target, AnyOverlap(), MatchBy::kId);
  EXPECT_EQ(m.scores[0].error, ErrorId::kNoVariantMatched);
  EXPECT_NE(m.scores[0].message.find("by id, as rs9"), std::string::npos) << m.scores[0].message;
}

// plink2 --score: "both alleles of one id are allowed", and counted as they are written.
TEST(Match, ByIdBothAllelesOfAVariantCount) {
  const auto target = Target({{"1", "10", "rs1", "A", "C"}, {"5", "20", "rs2", "A", "C"}});
  const std::string text = "SNP A1 BETA\nrs1 A 0.5\nrs1 C 1\nrs2 C 2\nrs2 T 4\n";
  const auto m = MatchText(text, target, AnyOverlap(), MatchBy::kId);
  const ScoreMatch& s = m.scores[0];
  EXPECT_TRUE(s.pass) << s.message;
  EXPECT_EQ(s.matched, 3u);
  EXPECT_EQ(s.duplicates, 0u);
  EXPECT_EQ(s.flipped, 0u);
  EXPECT_EQ(s.unmatched, 1u);  // T is no allele of rs2, though A is its complement
  ASSERT_EQ(s.weights.size(), 3u);
  EXPECT_EQ(s.weights[0].row, 0u);
  EXPECT_FALSE(s.weights[0].effect_is_ref);
  EXPECT_EQ(s.weights[0].weight, 1);
  EXPECT_EQ(s.weights[1].row, 0u);
  EXPECT_TRUE(s.weights[1].effect_is_ref);
  EXPECT_EQ(s.weights[1].weight, 0.5);
  EXPECT_EQ(ReasonOf(s.log.back(), 3, *m.lines, *m.found, AnyOverlap()), "alleles");
}

// Where no strand is guessed, a palindrome is no doubt: kept unless told otherwise.
TEST(Match, ByIdPalindromesOfOneAlleleAreKept) {
  const auto target = Target({{"1", "10", "rs1", "A", "T"}, {"1", "20", "rs2", "G", "C"}});
  const std::string one = "SNP A1 BETA\nrs1 T 1\nrs2 G 2\n";
  const std::string both = "SNP A1 A2 BETA\nrs1 T A 1\nrs2 G C 2\n";
  const auto kept = MatchText(one, target, AnyOverlap(), MatchBy::kId);
  ASSERT_EQ(kept.scores[0].weights.size(), 2u);
  EXPECT_FALSE(kept.scores[0].weights[0].effect_is_ref);
  EXPECT_TRUE(kept.scores[0].weights[1].effect_is_ref);
  EXPECT_EQ(kept.scores[0].ambiguous, 2u);
  EXPECT_EQ(MatchText(both, target, AnyOverlap(), MatchBy::kId).scores[0].excluded, 2u);
  MatchRules drop = AnyOverlap();
  drop.ambiguous = MatchRules::Ambiguous::kDrop;
  EXPECT_EQ(MatchText(one, target, drop, MatchBy::kId).scores[0].excluded, 2u);
  const std::string placed = "chr_name\tchr_position\teffect_allele\teffect_weight\n1\t10\tT\t1\n";
  EXPECT_EQ(MatchText(placed, target, AnyOverlap()).scores[0].excluded, 1u);
}

TEST(Match, ByIdAnAlleleTwiceFailsTheScore) {
  const auto target = Target({{"1", "10", "rs1", "A", "C"}, {"5", "20", "rs2", "A", "C"}});
  const std::string text = "SNP A1 BETA\nrs2 A 3\nrs1 C 0.5\nrs1 C 1\n";
  const auto m = MatchText(text, target, AnyOverlap(), MatchBy::kId);
  EXPECT_FALSE(m.scores[0].pass);
  EXPECT_EQ(m.scores[0].error, ErrorId::kMalformed);
  EXPECT_NE(m.scores[0].message.find("rs1 C"), std::string::npos) << m.scores[0].message;
  MatchRules rules = AnyOverlap();
  rules.keep_first_match = true;
  const auto first = MatchText(text, target, rules, MatchBy::kId);
  EXPECT_TRUE(first.scores[0].pass);
  ASSERT_EQ(first.scores[0].weights.size(), 2u);
  EXPECT_EQ(first.scores[0].weights[0].weight, 0.5);
}

TEST(Match, AnIdThatTheTargetHasTwiceFailsTheScores) {
  const auto target = Target(
      {{"1", "10", "rs1", "A", "C"}, {"1", "10", "rs1", "A", "G"}, {"5", "20", "rs2", "A", "C"}});
  const auto twice =
      MatchText("SNP A1 BETA\nrs2 C 1\nrs1 C 0.5\n", target, AnyOverlap(), MatchBy::kId);
  EXPECT_EQ(twice.scores[0].error, ErrorId::kMalformed);
  EXPECT_NE(twice.scores[0].message.find("rs1"), std::string::npos) << twice.scores[0].message;
  // Lines without positions cannot be matched by them.
  EXPECT_EQ(twice.scores[0].message.find("position"), std::string::npos);
  const auto both =
      MatchText("rsID\tchr_name\tchr_position\teffect_allele\teffect_weight\nrs1\t1\t10\tC\t1\n",
                target, AnyOverlap(), MatchBy::kId);
  EXPECT_NE(both.scores[0].message.find("scores.match.by: position"), std::string::npos)
      << both.scores[0].message;
  const auto others = MatchText("SNP A1 BETA\nrs2 C 1\n", target, AnyOverlap(), MatchBy::kId);
  EXPECT_TRUE(others.scores[0].pass);
  // By position the alleles tell the records apart.
  const auto placed = MatchText(std::string(kHeader) + "1\t10\tC\tA\t1\n", target, AnyOverlap());
  EXPECT_TRUE(placed.scores[0].pass);
}

TEST(Match, ChromosomesThatScoresUse) {
  const auto target = Target({{"X", "10", "a", "A", "C"},
                              {"XY", "20", "b", "A", "C"},
                              {"MT", "30", "c", "A", "C"},
                              {"Y", "40", "d", "A", "C"},
                              {"HLA_X", "50", "e", "A", "C"}});
  const auto m = MatchText(std::string(kHeader) +
                               "X\t10\tA\tC\t1\n23\t20\tA\tC\t1\nMT\t30\tA\tC\t1\n"
                               "chrY\t40\tA\tC\t1\nHLA_X\t50\tA\tC\t1\n",
                           target, AnyOverlap());
  EXPECT_EQ(m.scores[0].matched, 4u);  // all but HLA_X
}

TEST(Match, UnsupportedLinesFailTheScoreOrAreCounted) {
  const auto target = Target({{"1", "10", "a", "A", "C"}});
  const std::string text =
      "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tis_haplotype\n"
      "a\t1\t10\tA\tC\t1\tFalse\nb\t1\t10\tA\tC\t3\tTrue\n";
  const auto failed = MatchText(text, target, AnyOverlap());
  EXPECT_FALSE(failed.scores[0].pass);
  EXPECT_EQ(failed.scores[0].error, ErrorId::kUnsupportedEffect);
  EXPECT_EQ(failed.scores[0].unsupported, 1u);
  EXPECT_EQ(failed.scores[0].remedy, "--set scores.unsupported_rows=drop scores the other 1 lines");
  MatchRules rules = AnyOverlap();
  rules.drop_unsupported = true;
  const auto dropped = MatchText(text, target, rules);
  EXPECT_TRUE(dropped.scores[0].pass);
  EXPECT_EQ(dropped.scores[0].matched, 1u);
  EXPECT_EQ(dropped.scores[0].unmatched, 1u);  // it counts against the match rate
  EXPECT_EQ(ReasonOf(dropped.scores[0].log[1], 1, *dropped.lines, *dropped.found, rules),
            "haplotype");
}

// v2 computes 1 - 0.9 = 0.09999999999999998 and fails exactly 10 % of lost lines.
TEST(Match, OverlapIsComparedExactlyAndInclusively) {
  EXPECT_TRUE(ReachesShare(9, 10, 0.9));
  EXPECT_TRUE(ReachesShare(3, 4, 0.75));
  EXPECT_FALSE(ReachesShare(7499, 10000, 0.75));
  EXPECT_FALSE(ReachesShare(7549, 10000, 0.755));
  EXPECT_TRUE(ReachesShare(7, 10, 0.7));
  EXPECT_TRUE(ReachesShare(1, 1, 1.0));
  EXPECT_FALSE(ReachesShare(999'999'999, 1'000'000'000, 1.0));
  EXPECT_TRUE(ReachesShare(0, 5, 0));
  for (uint64_t n = 1; n <= 1000; ++n) {
    for (const double share : {0.1, 0.3, 0.6, 0.75, 0.9, 0.95}) {
      const auto hundredths = static_cast<uint64_t>(share * 100 + 0.5);
      const uint64_t need = (n * hundredths + 99) / 100;
      EXPECT_TRUE(ReachesShare(need, n, share));
      if (need > 0) {
        EXPECT_FALSE(ReachesShare(need - 1, n, share));
      }
    }
  }
}

TEST(Match, WeightOverlapIsASecondGate) {
  const auto target = Target({{"1", "10", "a", "A", "C"}});
  const std::string text = std::string(kHeader) + "1\t10\tA\tC\t1\n1\t11\tA\tC\t-9\n";
  MatchRules rules = AnyOverlap();
  rules.min_weight_overlap = 0.1;
  EXPECT_TRUE(MatchText(text, target, rules).scores[0].pass);
  rules.min_weight_overlap = 0.11;
  const auto m = MatchText(text, target, rules);
  EXPECT_EQ(m.scores[0].error, ErrorId::kOverlapTooLow);
  EXPECT_NE(m.scores[0].message.find("min_weight_overlap"), std::string::npos);
}

// Nine of ten weights of 0.001: their sums in doubles are less than 0.9 of the whole.
TEST(Match, WeightOverlapThatIsJustReachedPasses) {
  std::string text(kHeader);
  std::vector<std::array<std::string, 5>> variants;
  for (int i = 1; i <= 10; ++i) {
    text += fmt::format("1\t{}\tA\tC\t0.001\n", i);
    if (i < 10) variants.push_back({"1", std::to_string(i), "v", "A", "C"});
  }
  MatchRules rules = AnyOverlap();
  rules.min_weight_overlap = 0.9;
  EXPECT_TRUE(MatchText(text, Target(variants), rules).scores[0].pass);
  rules.min_weight_overlap = 0.90001;
  EXPECT_FALSE(MatchText(text, Target(variants), rules).scores[0].pass);
}

TEST(Match, NothingMatched) {
  const auto target = Target({{"1", "10", "a", "A", "C"}});
  const auto m = MatchText(std::string(kHeader) + "2\t10\tA\tC\t1\n", target, AnyOverlap());
  EXPECT_FALSE(m.scores[0].pass);
  EXPECT_EQ(m.scores[0].error, ErrorId::kNoVariantMatched);
}

// A line that belongs to one score of a wide table cannot be another's duplicate.
TEST(Match, DuplicatesAreCountedWithinAScore) {
  const auto target = Target({{"1", "10", "a", "A", "C"}});
  const auto m =
      MatchText("chr pos ea oa s1 s2\n1 10 A C 1 0\n1 10 C A 0 2\n", target, AnyOverlap());
  ASSERT_EQ(m.scores.size(), 2u);
  EXPECT_EQ(m.scores[0].matched, 1u);
  EXPECT_EQ(m.scores[1].matched, 1u);
  EXPECT_EQ(m.scores[0].lines, 1u);
}

}  // namespace
}  // namespace kinflow
