#include "stages/scores/ploidy.h"

#include <gtest/gtest.h>

#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Genotypes;

const std::vector<uint8_t> kMale = {0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1};
constexpr uint64_t kOnX = 30;  // variants; the others lie in the pseudoautosomal ends

/// The same genotypes in the two ways that formats have: males with one copy, or with two alike.
Genotypes Written(bool males_haploid) {
  Genotypes g;
  g.n_samples = static_cast<uint32_t>(kMale.size());
  g.units = 10;
  for (uint32_t v = 0; v < 40; ++v) {
    g.variants.Append(v < kOnX ? "X" : "XY", 100 + v, "v" + std::to_string(v), "A", "C");
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      const bool one_copy = v < kOnX && kMale[s] != 0;
      const auto copies = static_cast<int32_t>((v * 7 + s * 13) % (one_copy ? 11 : 21));
      g.values.push_back(one_copy && !males_haploid ? 2 * copies : copies);
      g.calls.push_back(one_copy && males_haploid ? kCallHaploid : 0);
    }
  }
  for (uint32_t s = 0; s < g.n_samples; ++s) g.iids.push_back("s" + std::to_string(s));
  return g;
}

std::vector<ScoreMatch> SomeScores() {
  std::vector<ScoreMatch> scores(3);
  for (uint64_t s = 0; s < scores.size(); ++s) {
    for (uint64_t v = s; v < 40; v += 2) {
      MatchedWeight w;
      w.row = v;
      w.weight = static_cast<double>(v % 5) - 1.5;
      w.effect_is_ref = v % 3 == 0;
      scores[s].weights.push_back(w);
    }
  }
  return scores;
}

/// Sum of weight x copies of the effect allele, from its definition.
double Expected(const ScoreMatch& score, uint32_t sample, bool once) {
  const Genotypes two = Written(false);
  double sum = 0;
  for (const auto& w : score.weights) {
    const double alt = two.At(w.row, sample) / 10.0, copies = w.effect_is_ref ? 2 - alt : alt;
    sum += w.weight * (once && kMale[sample] != 0 && w.row < kOnX ? copies / 2 : copies);
  }
  return sum;
}

TEST(Ploidy, MalesOnXCountTheSameHoweverTheyAreWritten) {
  const auto scores = SomeScores();
  for (const bool once : {true, false}) {
    const MalesOnX males{kMale, once};
    const ScoreSums one = test::Score(Written(true), scores, {"a", "b", "c"}, {}, true, males);
    const ScoreSums two = test::Score(Written(false), scores, {"a", "b", "c"}, {}, true, males);
    for (size_t k = 0; k < scores.size(); ++k) {
      for (uint32_t s = 0; s < kMale.size(); ++s) {
        const double sum = Expected(scores[k], s, once);
        EXPECT_NEAR(one.Sum(k, s), sum, 1e-12) << "once " << once;
        EXPECT_NEAR(two.Sum(k, s), sum, 1e-12) << "once " << once;
        double alleles = 0;
        for (const auto& w : scores[k].weights) {
          alleles += once && kMale[s] != 0 && w.row < kOnX ? 1 : 2;
        }
        EXPECT_EQ(one.Denominator(k, s), alleles);
        EXPECT_EQ(two.Denominator(k, s), alleles);
      }
    }
  }
}

TEST(Ploidy, WithoutKnownMalesCallsCountAsWritten) {
  const auto scores = SomeScores();
  const ScoreSums two = test::Score(Written(false), scores, {"a", "b", "c"});
  EXPECT_NEAR(two.Sum(0, 1), Expected(scores[0], 1, false), 1e-12);
  EXPECT_EQ(two.Denominator(0, 1), 2.0 * static_cast<double>(scores[0].weights.size()));
}

}  // namespace
}  // namespace kinflow
