#include "stages/scores/match_warnings.h"

#include <gtest/gtest.h>

#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

TEST(MatchWarnings, DuplicatesAreToldAsTheyAreFound) {
  VariantTable target;
  target.Append("1", 10, "rs1", "A", "C");
  target.Append("5", 20, "rs2", "A", "C");
  const std::string ids = "SNP A1 BETA\nrs2 A 3\nrs1 C 0.5\nrs1 C 1\n";
  const std::string places =
      "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
      "1\t10\tC\tA\t1\n1\t10\tA\tC\t2\n";
  MatchRules drop;
  drop.min_overlap = 0;
  MatchRules keep = drop;
  keep.keep_first_match = true;
  const auto told = [&](const std::string& text, const MatchRules& rules, MatchBy by) {
    const auto m = test::MatchText(text, target, rules, by);
    std::string all;
    for (const auto& line : MatchWarnings("s", m.scores[0], *m.lines, 0, by, rules)) all += line;
    return all;
  };
  // By id it fails the score, whose message says so.
  EXPECT_EQ(told(ids, drop, MatchBy::kId), "");
  EXPECT_EQ(told(ids, keep, MatchBy::kId),
            "score s: 2 lines have an id and allele that another line has too; the first of each "
            "counts (scores.match.duplicates: first)");
  EXPECT_EQ(told(places, drop, MatchBy::kPosition),
            "score s: 2 lines lie on a variant of another of its lines; none of them counts "
            "(scores.match.duplicates: drop)");
}

TEST(MatchWarnings, MultiallelicLinesThatGoAreTold) {
  VariantTable target;
  target.Append("1", 10, "m", "A", "C", 1, true);
  target.Append("1", 10, "m", "A", "G", 1, true);
  target.Append("1", 20, "b", "A", "C");
  const std::string text =
      "chr_name\tchr_position\teffect_allele\teffect_weight\n1\t10\tA\t1\n"
      "1\t10\tG\t1\n1\t20\tC\t1\n";
  const auto told = [&](bool keep) {
    MatchRules rules;
    rules.min_overlap = 0;
    rules.keep_multiallelic = keep;
    const auto m = test::MatchText(text, target, rules, MatchBy::kPosition);
    std::string all;
    for (const auto& line :
         MatchWarnings("s", m.scores[0], *m.lines, 0, MatchBy::kPosition, rules)) {
      all += line;
    }
    return all;
  };
  EXPECT_EQ(told(false),
            "score s: 2 lines lie on multi-allelic variants; none of them counts "
            "(scores.match.multiallelic: drop)");
  EXPECT_EQ(told(true),
            "score s: 1 lines weigh REF of a multi-allelic variant, or fit several parts of one; "
            "none of them counts (multiallelic_ref, several_variants in match_log)");
}

}  // namespace
}  // namespace kinflow
