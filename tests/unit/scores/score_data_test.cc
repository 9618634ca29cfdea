// Sums against plink2 and the shipped results of the PGS Catalog calculator.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "pipeline/base/line_reader.h"
#include "pipeline/base/number.h"
#include "pipeline/base/text.h"
#include "stages/scores/score_tables.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Genotypes;
using test::MatchFile;
using test::ReadBed;
using test::RunCommand;
using test::Score;

/// A table as column -> values, keyed by nothing: rows in file order.
std::map<std::string, std::vector<std::string>> ReadTable(const std::string& text) {
  std::map<std::string, std::vector<std::string>> out;
  std::vector<std::string> names;
  for (const auto line : Split(text, '\n')) {
    if (line.empty()) continue;
    const auto f = Split(line, '\t');
    if (names.empty()) {
      for (const auto name : f) names.emplace_back(name);
      continue;
    }
    for (size_t c = 0; c < f.size(); ++c) out[names[c]].emplace_back(f[c]);
  }
  return out;
}

/// `value` is what `printed` shows with six digits; 1e-12 of slack for values on a rounding border.
void ExpectPrinted(double value, const std::string& printed, const std::string& what) {
  if (printed == "nan") {
    EXPECT_TRUE(std::isnan(value)) << what;
    return;
  }
  const double shown = *ParseDouble(printed);
  const double unit =
      shown == 0 ? 1e-300 : std::pow(10, std::floor(std::log10(std::abs(shown))) - 5);
  EXPECT_LE(std::abs(value - shown), unit / 2 + 1e-12) << what << " " << printed;
}

TEST(ScoreData, CinecaEqualsShippedSscore) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  KINFLOW_REQUIRE_DATA(one, "pgsc_calc/PGS001229_22.txt");
  KINFLOW_REQUIRE_DATA(two, "pgsc_calc/PGS001229_22_duplicate.txt");
  KINFLOW_REQUIRE_DATA(sscore, "pgsc_calc/expected/cineca_22_additive_0.sscore.zst");
  KINFLOW_REQUIRE_PROGRAM(zstdcat, "zstdcat");
  std::string text;
  ASSERT_EQ(RunCommand(zstdcat + " " + sscore, &text), 0);
  const auto expected = ReadTable(text);
  const Genotypes g = ReadBed(bed.substr(0, bed.size() - 4));
  ASSERT_EQ(g.n_samples, 2504u);
  std::vector<ScoreMatch> matches = {MatchFile(one, g.variants, {}).scores.at(0),
                                     MatchFile(two, g.variants, {}).scores.at(0)};
  const ScoreSums sums = Score(g, matches, {"PGS001229", "duplicatetest"});
  EXPECT_EQ(sums.variants, (std::vector<uint64_t>{782, 8}));
  uint32_t incomplete = 0;
  double mean = 0;
  for (uint32_t s = 0; s < g.n_samples; ++s) {
    ASSERT_EQ(g.iids[s], expected.at("IID")[s]);
    EXPECT_EQ(FormatDouble(sums.Sum(0, s), 6), expected.at("PGS001229_SUM")[s]);
    EXPECT_EQ(FormatDouble(sums.Average(0, s), 6), expected.at("PGS001229_AVG")[s]);
    EXPECT_EQ(FormatDouble(sums.AlleleCount(0, s)), expected.at("ALLELE_CT")[s]);
    EXPECT_EQ(sums.Denominator(0, s), 1564);
    EXPECT_EQ(sums.Denominator(1, s), 16);  // of this score, not of the file it shares
    incomplete += sums.AlleleCount(0, s) < 1564;
    mean += sums.Sum(0, s) / g.n_samples;
  }
  EXPECT_EQ(incomplete, 41u);
  EXPECT_NEAR(mean, 0.6990128, 5e-8);
  EXPECT_EQ(FormatDouble(sums.Sum(0, 2), 6), "0.63727");
  const ScoreSums none = Score(g, matches, {"PGS001229", "duplicatetest"}, {}, false);
  EXPECT_EQ(FormatDouble(none.Sum(0, 2), 6), "0.633696");
}

// File 0 holds the seven variants whose effect allele agrees with the big score's, file 1 the one
// that does not; their sums add up to ours.
TEST(ScoreData, ClashingEffectAlleleAddsUp) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  KINFLOW_REQUIRE_DATA(two, "pgsc_calc/PGS001229_22_duplicate.txt");
  KINFLOW_REQUIRE_DATA(file0, "pgsc_calc/expected/cineca_22_additive_0.sscore.zst");
  KINFLOW_REQUIRE_DATA(file1, "pgsc_calc/expected/cineca_22_additive_1.sscore.zst");
  KINFLOW_REQUIRE_PROGRAM(zstdcat, "zstdcat");
  std::string text0, text1;
  ASSERT_EQ(RunCommand(zstdcat + " " + file0, &text0), 0);
  ASSERT_EQ(RunCommand(zstdcat + " " + file1, &text1), 0);
  const auto t0 = ReadTable(text0), t1 = ReadTable(text1);
  const Genotypes g = ReadBed(bed.substr(0, bed.size() - 4));
  const ScoreSums sums = Score(g, {MatchFile(two, g.variants, {}).scores.at(0)}, {"d"});
  for (uint32_t s = 0; s < g.n_samples; ++s) {
    const double a = std::stod(t0.at("duplicatetest_SUM")[s]);
    const double b = std::stod(t1.at("duplicatetest_SUM")[s]);
    EXPECT_NEAR(sums.Sum(0, s), a + b, 5e-6 * (std::abs(a) + std::abs(b)));  // six digits each
  }
  EXPECT_NEAR(sums.Sum(0, 0), 0.0437121, 5e-8);
}

/// plink2 --score on the weights that kinflow matched: same allele, same variant ids.
class PlinkScore {
 public:
  PlinkScore(std::string prefix, const Genotypes& g, std::vector<MatchedWeight> weights)
      : prefix_(std::move(prefix)), folder_(test::TempFolder()) {
    std::ofstream out(folder_ + "/w.txt");
    for (const auto& w : weights) {
      out << g.variants.id(w.row) << '\t'
          << (w.effect_is_ref ? g.variants.ref(w.row) : g.variants.alt(w.row)) << '\t'
          << FormatDouble(w.weight) << '\n';
    }
  }
  std::map<std::string, std::vector<std::string>> Run(const std::string& plink2,
                                                      const std::string& modifiers) const {
    std::string output;
    const int status = RunCommand(plink2 + " --bfile " + prefix_ + " --threads 1 --score " +
                                      folder_ + "/w.txt 1 2 3 cols=+scoresums,+denom " + modifiers +
                                      " --out " + folder_ + "/s",
                                  &output);
    EXPECT_EQ(status, 0) << output;
    std::ifstream in(folder_ + "/s.sscore");
    return ReadTable(std::string(std::istreambuf_iterator<char>(in), {}));
  }

 private:
  std::string prefix_, folder_;
};

TEST(ScoreData, EqualsPlink2InEveryMode) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  KINFLOW_REQUIRE_DATA(score, "pgsc_calc/PGS001229_22.txt");
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string prefix = bed.substr(0, bed.size() - 4);
  const Genotypes g = ReadBed(prefix);
  MatchRules rules;
  rules.ambiguous = MatchRules::Ambiguous::kKeep;
  const ScoreMatch match = MatchFile(score, g.variants, rules).scores.at(0);
  const PlinkScore plink(prefix, g, match.weights);
  for (const EffectType effect :
       {EffectType::kAdditive, EffectType::kDominant, EffectType::kRecessive}) {
    for (const bool mean : {true, false}) {
      const std::string modifiers =
          (effect == EffectType::kAdditive ? "" : std::string(EffectName(effect))) +
          (mean ? "" : " no-mean-imputation");
      const auto expected = plink.Run(plink2, modifiers);
      ScoreMatch typed = match;
      for (auto& w : typed.weights) w.effect = effect;
      const ScoreSums sums = Score(g, {typed}, {"s"}, {}, mean);
      ASSERT_EQ(expected.at("SCORE1_SUM").size(), g.n_samples);
      for (uint32_t s = 0; s < g.n_samples; ++s) {
        ExpectPrinted(sums.Sum(0, s), expected.at("SCORE1_SUM")[s], modifiers);
        ExpectPrinted(sums.Average(0, s), expected.at("SCORE1_AVG")[s], modifiers);
        EXPECT_EQ(FormatDouble(sums.Denominator(0, s)), expected.at("DENOM")[s]) << modifiers;
        EXPECT_EQ(FormatDouble(sums.AlleleCount(0, s)), expected.at("ALLELE_CT")[s]) << modifiers;
      }
    }
  }
}

// The dominant and the recessive line of one file, each against plink2 on its own.
TEST(ScoreData, MixedEffectTypesAddUp) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  KINFLOW_REQUIRE_DATA(score, "pgsc_calc/scorefile_dominant_and_recessive.txt");
  KINFLOW_REQUIRE_PROGRAM(plink2, "plink2");
  const std::string prefix = bed.substr(0, bed.size() - 4);
  const Genotypes g = ReadBed(prefix);
  const ScoreMatch match = MatchFile(score, g.variants, {}).scores.at(0);
  std::vector<double> expected(g.n_samples, 0);
  for (const EffectType effect :
       {EffectType::kAdditive, EffectType::kDominant, EffectType::kRecessive}) {
    std::vector<MatchedWeight> weights;
    for (const auto& w : match.weights) {
      if (w.effect == effect) weights.push_back(w);
    }
    ASSERT_FALSE(weights.empty());
    const std::string modifier =
        effect == EffectType::kAdditive ? "" : std::string(EffectName(effect));
    const auto table = PlinkScore(prefix, g, weights).Run(plink2, modifier);
    for (uint32_t s = 0; s < g.n_samples; ++s) expected[s] += std::stod(table.at("SCORE1_SUM")[s]);
  }
  const ScoreSums sums = Score(g, {match}, {"s"});
  for (uint32_t s = 0; s < g.n_samples; ++s) EXPECT_NEAR(sums.Sum(0, s), expected[s], 6e-6);
}

TEST(ScoreData, WideTableById) {
  KINFLOW_REQUIRE_DATA(bed, "pgsc_calc/cineca_synthetic_subset.bed");
  KINFLOW_REQUIRE_DATA(wide, "pgsc_calc/multiscore.txt");
  const Genotypes g = ReadBed(bed.substr(0, bed.size() - 4));
  VariantTable named;  // the table's ids are chr:pos:ref:alt
  for (size_t i = 0; i < g.variants.size(); ++i) {
    named.Append(g.variants.chrom(i), g.variants.pos(i),
                 std::string(g.variants.chrom(i)) + ":" + std::to_string(g.variants.pos(i)) + ":" +
                     std::string(g.variants.ref(i)) + ":" + std::string(g.variants.alt(i)),
                 g.variants.ref(i), g.variants.alt(i));
  }
  MatchRules rules;
  rules.ambiguous = MatchRules::Ambiguous::kKeep;
  const auto m = MatchFile(wide, named, rules, MatchBy::kId);
  ASSERT_EQ(m.scores.size(), 2u);
  EXPECT_EQ(m.scores[0].matched, m.scores[0].lines);
  const ScoreSums sums = Score(g, m.scores, {"a", "b"});
  for (uint32_t s = 0; s < g.n_samples; ++s) EXPECT_EQ(sums.Sum(0, s), sums.Sum(1, s));
}

}  // namespace
}  // namespace kinflow
