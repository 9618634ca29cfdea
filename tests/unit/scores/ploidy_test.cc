#include "stages/scores/ploidy.h"

#include <gtest/gtest.h>

#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Genotypes;

const std::vector<uint8_t> kMale = {0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1};
constexpr uint64_t kOnX = 30;  // variants; the others lie in the pseudoautosomal ends

std::vector<Sex> Sexes() {
  std::vector<Sex> sexes;
  for (const uint8_t male : kMale) sexes.push_back(male != 0 ? Sex::kMale : Sex::kFemale);
  return sexes;
}

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
    const ScoredPeople males{Sexes(), once};
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

// A missing genotype of one allele is haploid of males and people of unknown sex, not of females.
TEST(Ploidy, MissingHaploidsOnXAddOneCopyOfTheMean) {
  Genotypes g = Written(true);
  for (uint32_t v = 0; v < 40; ++v) {
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      if ((v + s) % 4 != 0) continue;
      g.values[v * g.n_samples + s] = -1;
      g.calls[v * g.n_samples + s] = kMale[s] != 0 || s % 3 == 0 ? kCallHaploid : 0;
    }
  }
  const auto scores = SomeScores();
  const auto freq = g.AltFreq();
  std::vector<Sex> sexes = Sexes();
  sexes[2] = sexes[3] = sexes[4] = Sex::kUnknown;
  const ScoreSums sums = test::Score(g, scores, {"a", "b", "c"}, {}, true, {sexes, true});
  for (size_t k = 0; k < scores.size(); ++k) {
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      double sum = 0, alleles = 0, called = 0;
      for (const auto& w : scores[k].weights) {
        const bool missing = g.At(w.row, s) < 0, on_x = w.row < kOnX;
        const bool flagged = g.calls[w.row * g.n_samples + s] != 0;
        const bool one =
            on_x && (sexes[s] == Sex::kMale || (flagged && !(missing && sexes[s] == Sex::kFemale)));
        const double copies = one ? 1 : 2;
        const double alt = missing ? copies * freq[w.row] : g.At(w.row, s) / 10.0;
        sum += w.weight * (w.effect_is_ref ? copies - alt : alt);
        alleles += copies;
        called += missing ? 0 : copies;
      }
      EXPECT_NEAR(sums.Sum(k, s), sum, 1e-11) << "sample " << s;
      EXPECT_EQ(sums.Denominator(k, s), alleles) << "sample " << s;
      EXPECT_EQ(sums.AlleleCount(k, s), called) << "sample " << s;
    }
  }
}

/// People of both sexes and one of unknown sex, everybody called on Y and MT, some missing.
Genotypes OnYAndMt(bool one_allele) {
  Genotypes g;
  g.n_samples = static_cast<uint32_t>(kMale.size());
  for (uint32_t v = 0; v < 20; ++v) {
    g.variants.Append(v < 10 ? "Y" : "MT", 100 + v, "v" + std::to_string(v), "A", "C");
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      const bool missing = (v + s) % 6 == 0 || (v < 10 && kMale[s] == 0 && s % 2 == 0);
      const auto copies = static_cast<int32_t>((v * 7 + s * 13) % 2);
      g.values.push_back(missing ? -1 : one_allele ? copies : 2 * copies);
      g.calls.push_back(one_allele ? kCallHaploid : 0);
    }
  }
  for (uint32_t s = 0; s < g.n_samples; ++s) g.iids.push_back("s" + std::to_string(s));
  return g;
}

TEST(Ploidy, MalesHaveOneCopyOfYFemalesNoneAndAllOneOfMt) {
  std::vector<ScoreMatch> scores(1);
  for (uint64_t v = 0; v < 20; ++v) {
    MatchedWeight w;
    w.row = v;
    w.weight = 0.5 + static_cast<double>(v);
    w.effect_is_ref = v % 3 == 0;
    scores[0].weights.push_back(w);
  }
  std::vector<Sex> sexes = Sexes();
  sexes[1] = Sex::kUnknown;
  for (const bool one_allele : {true, false}) {
    const Genotypes g = OnYAndMt(one_allele);
    const auto freq = g.AltFreq();
    const ScoreSums sums = test::Score(g, scores, {"a"}, {}, true, {sexes, true});
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      double sum = 0, alleles = 0, called = 0;
      for (const auto& w : scores[0].weights) {
        if (w.row < 10 && sexes[s] != Sex::kMale) continue;
        const int32_t value = g.At(w.row, s);
        const double alt = value < 0 ? freq[w.row] : one_allele ? value : value / 2.0;
        sum += w.weight * (w.effect_is_ref ? 1 - alt : alt);
        alleles += 1;
        called += value >= 0;
      }
      EXPECT_NEAR(sums.Sum(0, s), sum, 1e-11) << one_allele << " sample " << s;
      EXPECT_EQ(sums.Denominator(0, s), alleles);
      EXPECT_EQ(sums.AlleleCount(0, s), called);
    }
  }
}

}  // namespace
}  // namespace kinflow
