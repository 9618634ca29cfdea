// Matching against the public fixtures and their known counts.

#include <gtest/gtest.h>

#include <map>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/text.h"
#include "stages/scores/match.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::MatchFile;
using test::ReadVariantList;

TEST(MatchData, CinecaFromBimAndPvar) {
  KINFLOW_REQUIRE_DATA(score, "pgsc_calc/PGS001229_22.txt");
  for (const char* name : {"bim", "pvar", "vcf.gz"}) {
    KINFLOW_REQUIRE_DATA(variants, std::string("pgsc_calc/cineca_synthetic_subset.") + name);
    const auto m = MatchFile(score, ReadVariantList(variants), {});
    const ScoreMatch& s = m.scores.at(0);
    EXPECT_EQ(m.lines->scores()[0].name, "PGS001229");
    EXPECT_EQ(s.lines, 835u);
    EXPECT_EQ(s.matched, 782u) << name;
    EXPECT_EQ(s.excluded, 47u) << name;
    EXPECT_EQ(s.ambiguous, 47u) << name;
    EXPECT_EQ(s.unmatched, 6u) << name;
    EXPECT_EQ(s.flipped, 0u) << name;
    EXPECT_NEAR(s.match_rate(), 0.93653, 5e-6);
    EXPECT_TRUE(s.pass);
  }
}

// 7 of the 8 lines share the variant and the effect allele of the big score, one has the other
// allele as effect allele.
TEST(MatchData, ClashingEffectAllele) {
  KINFLOW_REQUIRE_DATA(score, "pgsc_calc/PGS001229_22_duplicate.txt");
  KINFLOW_REQUIRE_DATA(bim, "pgsc_calc/cineca_synthetic_subset.bim");
  const auto m = MatchFile(score, ReadVariantList(bim), {});
  EXPECT_EQ(m.scores[0].matched, 8u);
  EXPECT_FALSE(m.scores[0].weights[0].effect_is_ref);  // 22:17080378 G>A, effect allele A
}

TEST(MatchData, DominantAndRecessive) {
  KINFLOW_REQUIRE_DATA(score, "pgsc_calc/scorefile_dominant_and_recessive.txt");
  KINFLOW_REQUIRE_DATA(bim, "pgsc_calc/cineca_synthetic_subset.bim");
  const auto m = MatchFile(score, ReadVariantList(bim), {});
  std::map<EffectType, int> effects;
  for (const auto& w : m.scores[0].weights) ++effects[w.effect];
  EXPECT_EQ(m.scores[0].lines, 835u);
  EXPECT_EQ(effects[EffectType::kDominant], 1);
  EXPECT_EQ(effects[EffectType::kRecessive], 1);
  EXPECT_EQ(effects[EffectType::kAdditive], 780);
}

struct GoodMatch {
  test::Matched m;
  const ScoreMatch& one() const { return m.Of("PGS000001"); }
  const ScoreMatch& two() const { return m.Of("PGS000002"); }
};

TEST(MatchData, GoodMatch) {
  KINFLOW_REQUIRE_DATA(score, "pygscatalog_match/good_match_scorefile.txt");
  KINFLOW_REQUIRE_DATA(pvar, "pygscatalog_match/good_match.pvar");
  const GoodMatch g{MatchFile(score, ReadVariantList(pvar), {})};
  EXPECT_EQ(g.two().matched, 69u);
  EXPECT_EQ(g.two().excluded, 9u);
  EXPECT_EQ(g.two().ambiguous, 7u);
  EXPECT_EQ(g.two().duplicates, 2u);
  EXPECT_NEAR(g.two().match_rate(), 0.884615, 5e-7);
  EXPECT_EQ(g.one().matched, 70u);
  EXPECT_EQ(g.one().excluded, 7u);
  EXPECT_EQ(g.one().ambiguous, 7u);
  EXPECT_NEAR(g.one().match_rate(), 0.909091, 5e-7);
  EXPECT_EQ(g.one().log.size() + g.two().log.size(), 169u);
}

TEST(MatchData, GoodMatchKeepAmbiguous) {
  KINFLOW_REQUIRE_DATA(score, "pygscatalog_match/good_match_scorefile.txt");
  KINFLOW_REQUIRE_DATA(pvar, "pygscatalog_match/good_match.pvar");
  MatchRules rules;
  rules.ambiguous = MatchRules::Ambiguous::kKeep;
  const GoodMatch g{MatchFile(score, ReadVariantList(pvar), rules)};
  EXPECT_EQ(g.two().matched, 76u);
  EXPECT_NEAR(g.two().match_rate(), 0.974359, 5e-7);
  EXPECT_EQ(g.one().matched, 77u);
  EXPECT_EQ(g.one().match_rate(), 1.0);
}

TEST(MatchData, GoodMatchOverlaps) {
  KINFLOW_REQUIRE_DATA(score, "pygscatalog_match/good_match_scorefile.txt");
  KINFLOW_REQUIRE_DATA(pvar, "pygscatalog_match/good_match.pvar");
  const auto passing = [&](double min_overlap) {
    MatchRules rules;
    rules.min_overlap = min_overlap;
    const auto m = MatchFile(score, ReadVariantList(pvar), rules);
    return m.scores[0].pass + m.scores[1].pass;
  };
  EXPECT_EQ(passing(0.75), 2);
  EXPECT_EQ(passing(0.9), 1);
  EXPECT_EQ(passing(1.0), 0);
}

TEST(MatchData, Multiallelic) {
  KINFLOW_REQUIRE_DATA(score, "pygscatalog_match/good_match_scorefile.txt");
  KINFLOW_REQUIRE_DATA(pvar, "pygscatalog_match/multiallelic.pvar");
  MatchRules rules;
  rules.keep_multiallelic = true;
  const GoodMatch g{MatchFile(score, ReadVariantList(pvar), rules)};
  // Of the lines that v2 matches one and two weigh REF of a multi-allelic record.
  EXPECT_NEAR(static_cast<double>(g.two().matched + 1) / 78, 0.884615, 5e-7);
  EXPECT_NEAR(static_cast<double>(g.one().matched + 2) / 77, 0.909091, 5e-7);
  EXPECT_EQ(g.one().multiallelic + g.two().multiallelic, 7u);
}

TEST(MatchData, DuplicatedScorefile) {
  KINFLOW_REQUIRE_DATA(score, "pygscatalog_match/duplicated_scorefile.txt");
  KINFLOW_REQUIRE_DATA(pvar, "pygscatalog_match/good_match.pvar");
  MatchRules rules;
  rules.min_overlap = 0.5;
  const auto m = MatchFile(score, ReadVariantList(pvar), rules);
  uint64_t used = 0, ambiguous = 0;
  for (const auto& s : m.scores) {
    EXPECT_TRUE(s.pass);
    used += s.matched;
    ambiguous += s.ambiguous;
  }
  EXPECT_EQ(used, 4u);  // 3 + 1 in the upstream files
  EXPECT_EQ(ambiguous, 1u);
}

TEST(MatchData, BadMatch) {
  KINFLOW_REQUIRE_DATA(score, "pygscatalog_match/bad_match_scorefile.txt.gz");
  KINFLOW_REQUIRE_DATA(pvar, "pygscatalog_match/good_match.pvar");
  const auto m = MatchFile(score, ReadVariantList(pvar), {});
  EXPECT_FALSE(m.scores.at(0).pass);
  EXPECT_EQ(m.scores.at(0).error, ErrorId::kUnsupportedEffect);  // it has rows with alleles P and N
  MatchRules rules;
  rules.drop_unsupported = true;
  const auto dropped = MatchFile(score, ReadVariantList(pvar), rules);
  EXPECT_FALSE(dropped.scores.at(0).pass);
  EXPECT_EQ(dropped.scores.at(0).matched, 0u);
  EXPECT_EQ(dropped.scores.at(0).lines, 51'209u);
}

TEST(MatchData, RealImputationFallsShortOfTheDefaultOverlap) {
  KINFLOW_REQUIRE_DATA(score, "minimac_trios/r.pgs.txt");
  KINFLOW_REQUIRE_DATA(vcf, "minimac_trios/imputed.vcf.gz");
  const VariantTable variants = ReadVariantList(vcf);
  EXPECT_EQ(variants.size(), 11'450u);
  const auto m = MatchFile(score, variants, {});
  const ScoreMatch& s = m.scores.at(0);
  EXPECT_EQ(s.lines, 6'876u);
  EXPECT_EQ(s.matched + s.excluded, 5'184u);
  EXPECT_EQ(s.ambiguous, 761u);
  EXPECT_FALSE(s.pass);
  EXPECT_EQ(s.error, ErrorId::kOverlapTooLow);
  EXPECT_NE(s.message.find("0.643"), std::string::npos) << s.message;
  EXPECT_NE(s.message.find("5184 of 6876"), std::string::npos) << s.message;
  EXPECT_NE(s.message.find("761 ambiguous"), std::string::npos) << s.message;
  MatchRules rules;
  rules.min_overlap = 0.6;
  EXPECT_TRUE(MatchFile(score, variants, rules).scores.at(0).pass);
}

/// The class of a line as r.pgs_messy.classes.tsv names it.
std::string ClassOf(const LabelledCandidate& row, const ScoreLines& lines, uint32_t line) {
  if (row.target == LabelledCandidate::kNoTarget) return "absent_position";
  if (row.ambiguous) return "palindromic";
  if (row.duplicate_id && row.exclude) return "duplicate";
  if (lines.other_allele(line).empty()) return "no_other_allele";
  if (row.flipped) return "strand_flip";
  return EffectIsRef(row.type) ? "match_swapped" : "match";
}

TEST(MatchData, MessyFileLineByLine) {
  KINFLOW_REQUIRE_DATA(score, "minimac_trios/r.pgs_messy.txt");
  KINFLOW_REQUIRE_DATA(vcf, "minimac_trios/r.truth.vcf.gz");
  KINFLOW_REQUIRE_DATA(classes_file, "minimac_trios/r.pgs_messy.classes.tsv");
  std::vector<std::string> classes;
  LineReader reader(classes_file);
  std::string_view text;
  reader.Next(text);
  while (reader.Next(text)) classes.emplace_back(Split(text, '\t')[2]);
  MatchRules rules;
  rules.keep_first_match = true;
  const auto m = MatchFile(score, ReadVariantList(vcf), rules);
  ASSERT_EQ(m.scores[0].lines, classes.size());
  std::map<std::string, int> exceptions;
  for (const auto& row : m.scores[0].log) {
    if (row.status == MatchStatus::kNotBest) continue;
    const uint32_t line = m.lines->scores()[0].entries[row.entry].line;
    const std::string found = ClassOf(row, *m.lines, line);
    if (found != classes[row.entry]) ++exceptions[classes[row.entry]];
  }
  // Four shifted lines landed on another variant that matches.
  EXPECT_EQ(exceptions, (std::map<std::string, int>{{"absent_position", 4}}));
}

}  // namespace
}  // namespace kinflow
