#include "stages/scores/score_sink.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/test_data.h"
#include "tests/unit/scores/random_scores.h"

namespace kinflow {
namespace {

using test::Genotypes;
using test::Names;
using test::RandomGenotypes;
using test::RandomScores;
using test::ScanShapeForTest;
using test::Score;
using Layout = DosageEncoding::Layout;

/// On autosomes; a missing genotype of one allele ('.') is that of a diploid there.
bool IsOfOneCopy(const Genotypes& g, uint64_t row, uint32_t sample) {
  return !g.calls.empty() && g.At(row, sample) >= 0 &&
         (g.calls[row * g.n_samples + sample] & kCallHaploid) != 0;
}

/// The definition, in long double.
long double Reference(const Genotypes& g, const ScoreMatch& score, uint32_t sample, bool mean) {
  const auto freq = g.AltFreq();
  long double sum = 0;
  for (const auto& w : score.weights) {
    const int32_t v = g.At(w.row, sample);
    const bool haploid = IsOfOneCopy(g, w.row, sample);
    const long double ploidy = haploid ? 1 : 2;
    const long double f = w.effect_is_ref ? 1 - freq[w.row] : freq[w.row];
    long double d = 0;
    if (v < 0) {
      d = !mean ? 0 : w.effect == EffectType::kAdditive ? ploidy * f : f;
    } else {
      d = static_cast<long double>(v) / g.units;
      if (w.effect_is_ref) d = ploidy - d;
      if (!haploid && w.effect == EffectType::kDominant) d = std::min(d, 1.0L);
      if (!haploid && w.effect == EffectType::kRecessive) d = std::max(d - 1, 0.0L);
    }
    sum += static_cast<long double>(w.weight) * d;
  }
  return sum;
}

TEST(ScoreSink, EqualsTheDefinition) {
  for (const bool haploid : {false, true}) {
    for (const bool mean : {true, false}) {
      for (const uint32_t units : {1u, 100u, 1000u}) {
        const Genotypes g = RandomGenotypes(150, 37, units, haploid);
        const auto scores = RandomScores(g, 5);
        ScanShapeForTest shape;
        shape.layout = units == 1000 ? Layout::kU16 : Layout::kU8;
        const ScoreSums sums = Score(g, scores, Names(5), shape, mean);
        for (size_t k = 0; k < scores.size(); ++k) {
          for (uint32_t s = 0; s < g.n_samples; ++s) {
            EXPECT_NEAR(sums.Sum(k, s), static_cast<double>(Reference(g, scores[k], s, mean)),
                        1e-11)
                << "units " << units << " haploid " << haploid << " mean " << mean;
          }
        }
      }
    }
  }
}

TEST(ScoreSink, CountsAllelesByScoreAndPloidy) {
  const Genotypes g = RandomGenotypes(60, 21, 1, true);
  const auto scores = RandomScores(g, 3);
  const ScoreSums mean = Score(g, scores, Names(3));
  const ScoreSums none = Score(g, scores, Names(3), {}, false);
  for (size_t k = 0; k < scores.size(); ++k) {
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      double all = 0, called = 0;
      for (const auto& w : scores[k].weights) {
        const double ploidy = IsOfOneCopy(g, w.row, s) ? 1 : 2;
        all += ploidy;
        called += g.At(w.row, s) < 0 ? 0 : ploidy;
      }
      EXPECT_EQ(mean.Denominator(k, s), all);
      EXPECT_EQ(mean.AlleleCount(k, s), called);
      EXPECT_EQ(none.Denominator(k, s), called);
      EXPECT_EQ(mean.Average(k, s), mean.Sum(k, s) / all);
    }
  }
}

void ExpectSameBits(const ScoreSums& a, const ScoreSums& b) {
  EXPECT_EQ(a.names, b.names);
  EXPECT_EQ(a.sum, b.sum);
  EXPECT_EQ(a.missing, b.missing);
  EXPECT_EQ(a.fewer, b.fewer);
  EXPECT_EQ(a.fewer_missing, b.fewer_missing);
}

TEST(ScoreSink, SameBitsForAnyTileAndPart) {
  for (const bool haploid : {false, true}) {
    const Genotypes g = RandomGenotypes(300, 150, 100, haploid);
    const auto scores = RandomScores(g, 7);
    ScanShapeForTest shape;
    shape.shard_variants = 90;
    const ScoreSums first = Score(g, scores, Names(7), shape);
    for (const size_t tile : {1u, 16u, 89u, 90u}) {
      for (const uint32_t part : {1u, 64u, 149u}) {
        shape.tile_variants = tile;
        shape.part_samples = part;
        ExpectSameBits(first, Score(g, scores, Names(7), shape));
      }
    }
  }
}

TEST(ScoreSink, SameBitsForHardCallsInAnyLayout) {
  const Genotypes g = RandomGenotypes(200, 101, 1);
  const auto scores = RandomScores(g, 4);
  ScanShapeForTest shape;
  const ScoreSums u8 = Score(g, scores, Names(4), shape);
  shape.layout = Layout::kTwoBit;
  ExpectSameBits(u8, Score(g, scores, Names(4), shape));
  shape.layout = Layout::kU16;
  ExpectSameBits(u8, Score(g, scores, Names(4), shape));
}

// Sums are exact: how the scan is cut and which files a run leaves on its way changes no bit.
TEST(ScoreSink, SameBitsForAnyShardsAndFiles) {
  for (const bool haploid : {false, true}) {
    const Genotypes g = RandomGenotypes(200, 50, 100, haploid);
    const auto scores = RandomScores(g, 3);
    const ScoreSums whole = Score(g, scores, Names(3));
    for (const size_t shard : {13u, 64u, 199u}) {
      for (const uint64_t genotypes : {1u, 3000u, 1u << 30}) {
        ScanShapeForTest shape;
        shape.shard_variants = shard;
        ExpectSameBits(whole, Score(g, scores, Names(3), shape, true, {}, genotypes));
      }
    }
  }
}

TEST(ScoreSink, SwappingAllelesOfTheTargetChangesNothing) {
  const Genotypes g = RandomGenotypes(120, 40, 100);
  auto scores = RandomScores(g, 3);
  Genotypes swapped = g;
  for (auto& v : swapped.values) v = v < 0 ? -1 : 2 * static_cast<int32_t>(g.units) - v;
  const ScoreSums before = Score(g, scores, Names(3));
  for (auto& s : scores) {
    for (auto& w : s.weights) w.effect_is_ref = !w.effect_is_ref;
  }
  const ScoreSums after = Score(swapped, scores, Names(3));
  for (size_t i = 0; i < before.sum.size(); ++i) EXPECT_NEAR(before.sum[i], after.sum[i], 1e-12);
}

// Counting the other allele with the opposite weight shifts everybody by the same constant.
TEST(ScoreSink, SwappingAllelesOfTheWeightsShiftsBySumOfTwoW) {
  const Genotypes g = RandomGenotypes(120, 40, 1);
  auto scores = RandomScores(g, 1, true);
  const ScoreSums before = Score(g, scores, Names(1));
  double shift = 0;
  for (auto& w : scores[0].weights) {
    shift += 2 * w.weight;
    w.weight = -w.weight;
    w.effect_is_ref = !w.effect_is_ref;
  }
  const ScoreSums after = Score(g, scores, Names(1));
  for (uint32_t s = 0; s < g.n_samples; ++s) {
    EXPECT_NEAR(before.Sum(0, s), after.Sum(0, s) + shift, 1e-12);
  }
}

TEST(ScoreSink, PermutingSamplesPermutesScores) {
  const Genotypes g = RandomGenotypes(80, 30, 1);
  const auto scores = RandomScores(g, 2);
  Genotypes reversed = g;
  for (size_t v = 0; v < g.variants.size(); ++v) {
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      reversed.values[v * g.n_samples + s] = g.At(v, g.n_samples - 1 - s);
    }
  }
  const ScoreSums a = Score(g, scores, Names(2)), b = Score(reversed, scores, Names(2));
  for (size_t k = 0; k < 2; ++k) {
    for (uint32_t s = 0; s < g.n_samples; ++s) {
      EXPECT_EQ(a.Sum(k, s), b.Sum(k, g.n_samples - 1 - s));
    }
  }
}

// A score alone has the bits it has among others.
TEST(ScoreSink, ScoresDoNotDisturbEachOther) {
  const Genotypes g = RandomGenotypes(100, 33, 100);
  const auto scores = RandomScores(g, 6);
  const ScoreSums all = Score(g, scores, Names(6));
  for (size_t k = 0; k < scores.size(); ++k) {
    const ScoreSums alone = Score(g, {scores[k]}, {"x"});
    for (uint32_t s = 0; s < g.n_samples; ++s) EXPECT_EQ(alone.Sum(0, s), all.Sum(k, s));
  }
}

TEST(ScoreSink, FounderlessFrequencyAddsNothing) {
  Genotypes g = RandomGenotypes(1, 4, 1);
  g.values = {-1, 1, 2, 0};
  test::TestRun run;
  MatchedScores scores;
  scores.names = {"s"};
  scores.weights = {{{0, 1.0, std::nan(""), EffectType::kAdditive, true}}};
  Manifest manifest;
  manifest.stage = manifest.kind = "scores";
  manifest.key = HashBytes("nan");
  manifest.options_json = R"({"missing":"mean"})";
  const auto sink = test::SinkOf(run.store, manifest, scores, 4);
  test::Scan(*sink, g, {});
  const auto sums = ReadScoreSums(run.store, *run.store.Find("scores", manifest.key));
  EXPECT_EQ(sums.sum, (std::vector<double>{0, 1, 0, 2}));
}

// A scan that leaves out a matched variant must not pass for a complete one.
TEST(ScoreSink, MissingVariantsAreAnError) {
  const Genotypes g = RandomGenotypes(10, 5, 1);
  auto scores = RandomScores(g, 1);
  scores[0].weights.push_back({10, 1.0, 0.5, EffectType::kAdditive, false});
  test::TestRun run;
  MatchedScores matched;
  matched.names = {"s"};
  matched.weights = {scores[0].weights};
  Manifest manifest;
  manifest.stage = manifest.kind = "scores";
  manifest.key = HashBytes("short");
  manifest.options_json = "{}";
  const auto sink = test::SinkOf(run.store, manifest, matched, 5);
  EXPECT_EQ(test::Thrown([&] { test::Scan(*sink, g, {}); }).id(), ErrorId::kInternal);
  EXPECT_FALSE(run.store.Find("scores", manifest.key).has_value());
}

// Lines of both alleles, as plink2 --score allows by id: both are summed, the variant counts once.
TEST(ScoreSink, BothAllelesOfAVariant) {
  for (const bool haploid : {false, true}) {
    for (const bool mean : {true, false}) {
      const Genotypes g = RandomGenotypes(70, 41, haploid ? 10 : 1, haploid);
      std::vector<ScoreMatch> scores(2);
      for (uint64_t v = 0; v < 70; ++v) {
        const double weight = static_cast<double>(v % 7) / 8 - 0.3;
        MatchedWeight w;
        w.row = v;
        w.weight = weight;
        scores[0].weights.push_back(w);
        if (v % 3 == 0) scores[1].weights.push_back(w);
        w.effect_is_ref = true;
        w.weight = 0.5 - weight;
        if (v % 2 == 0) scores[0].weights.push_back(w);
        if (v % 3 == 0) scores[1].weights.push_back(w);
      }
      ScanShapeForTest shape;
      if (!haploid) shape.layout = Layout::kTwoBit;
      const ScoreSums sums = Score(g, scores, Names(2), shape, mean);
      for (size_t k = 0; k < scores.size(); ++k) {
        for (uint32_t s = 0; s < g.n_samples; ++s) {
          double all = 0, called = 0;
          for (uint64_t v = 0; v < 70; ++v) {
            if (k == 1 && v % 3 != 0) continue;
            const bool one = haploid && IsOfOneCopy(g, v, s);
            all += one ? 1 : 2;
            called += g.At(v, s) < 0 ? 0 : one ? 1 : 2;
          }
          EXPECT_NEAR(sums.Sum(k, s), static_cast<double>(Reference(g, scores[k], s, mean)), 1e-11);
          EXPECT_EQ(sums.Denominator(k, s), mean ? all : called);
          EXPECT_EQ(sums.AlleleCount(k, s), called);
        }
      }
    }
  }
}

// plink2 adds 2 f w for them though the others are less 2 f w; nothing is their mean.
TEST(ScoreSink, MissingGenotypesOfCentredVariants) {
  for (const bool compat : {false, true}) {
    for (const bool mean : {false, true}) {
      for (const uint32_t units : {1u, 100u}) {
        const Genotypes g = RandomGenotypes(90, 33, units);
        const auto scores = RandomScores(g, 3, true);
        const auto freq = g.AltFreq();
        test::TestRun run;
        const WeightingRules rules{mean, false, ScoreOptions::Genotypes::kCentre, compat};
        const Manifest manifest = test::ScoresManifest("centre");
        const auto sink =
            test::SinkOf(run.store, manifest, test::MatchedTo(g, scores), g.n_samples, rules);
        test::Scan(*sink, g, {});
        const ScoreSums sums = ReadScoreSums(run.store, *run.store.Find("scores", manifest.key));
        for (size_t k = 0; k < scores.size(); ++k) {
          for (uint32_t s = 0; s < g.n_samples; ++s) {
            double expected = 0;
            for (const auto& w : scores[k].weights) {
              const double f = w.effect_is_ref ? 1 - freq[w.row] : freq[w.row];
              const double alt = g.At(w.row, s) / static_cast<double>(units);
              const double d = w.effect_is_ref ? 2 - alt : alt;
              expected += w.weight * (g.At(w.row, s) >= 0 ? d - 2 * f : compat && mean ? 2 * f : 0);
            }
            EXPECT_NEAR(sums.Sum(k, s), expected, 1e-11) << compat << mean << units;
          }
        }
      }
    }
  }
}

// No founder carries C; who does must have been removed by QC.
TEST(ScoreSink, VariantsWithoutVarianceAreRefusedForWhomScoresAreOf) {
  Genotypes g = RandomGenotypes(1, 4, 1);
  g.values = {0, 0, 1, -1};
  MatchedScores scores;
  scores.names = {"s"};
  scores.weights = {{{0, 1.0, 0.0, EffectType::kAdditive, false}}};
  const WeightingRules rules{true, false, ScoreOptions::Genotypes::kStandardise};
  const auto scan = [&](const std::vector<uint8_t>& kept) {
    test::TestRun run;
    ScoreWeights weights(rules);
    std::vector<MatchedScore> group = {{scores.names[0], scores.weights[0]}};
    weights.Add(group);
    weights.Finish();
    ScoreSink::Setup setup;
    setup.n_samples = 4;
    setup.kept = kept;
    const Manifest manifest = test::ScoresManifest("variance");
    ScoreSink sink(run.store, manifest, std::move(weights), std::move(setup));
    test::Scan(sink, g, {});
    return ReadScoreSums(run.store, *run.store.Find("scores", manifest.key)).sum;
  };
  EXPECT_EQ(test::Thrown([&] { scan({}); }).id(), ErrorId::kUnsupportedEffect);
  EXPECT_EQ(test::Thrown([&] { scan({0, 0, 1, 1}); }).id(), ErrorId::kUnsupportedEffect);
  EXPECT_EQ(scan({1, 1, 0, 1}), (std::vector<double>{0, 0, 0, 0}));
}

TEST(ScoreSink, NoScores) {
  const Genotypes g = RandomGenotypes(10, 5, 1);
  const ScoreSums sums = Score(g, {}, {});
  EXPECT_TRUE(sums.names.empty());
}

}  // namespace
}  // namespace kinflow
