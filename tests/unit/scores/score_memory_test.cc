#include <gtest/gtest.h>

#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Genotypes;
using test::Score;

// 200,000 people x 1,000 scores of variants of their own fit into 2 GiB with room for a scan, and
// nothing is taken before the first tile.
TEST(ScoreMemory, ManyScoresOfManyPeopleFitInto2GiB) {
  MatchedScores matched;
  for (uint64_t s = 0; s < 1000; ++s) {
    matched.names.push_back("s" + std::to_string(s));
    matched.weights.push_back({{s, 0.5, 0.25, EffectType::kAdditive, false}});
  }
  test::TestRun run;
  Manifest manifest;
  manifest.stage = manifest.kind = "scores";
  manifest.key = HashBytes("large");
  const auto sink = test::SinkOf(run.store, manifest, matched, 200'000);
  EXPECT_GT(sink->MemoryBytes(), 1'000ull * 200'000 * 10);
  EXPECT_LT(sink->MemoryBytes(), (2ull << 30) - (96ull << 20));
  // People without two copies are counted one by one.
  for (auto& weights : matched.weights) weights[0].by_ploidy = true;
  const auto by_ploidy = test::SinkOf(run.store, manifest, matched, 200'000);
  EXPECT_GE(by_ploidy->MemoryBytes(), sink->MemoryBytes() + 1'000ull * 200'000 * 8);
  // Scores on the same variants count them once.
  for (auto& weights : matched.weights) weights[0] = {7, 0.5, 0.25, EffectType::kAdditive, false};
  const auto same = test::SinkOf(run.store, manifest, matched, 200'000);
  EXPECT_LT(same->MemoryBytes(), 1'000ull * 200'000 * 9);
}

// More missing genotypes of a person than 16 bits count: scores that large count in 32.
TEST(ScoreMemory, CountsBeyond16Bits) {
  Genotypes g;
  g.n_samples = 2;
  constexpr size_t kVariants = 70'000;
  for (size_t v = 0; v < kVariants; ++v) {
    g.variants.Append("1", static_cast<uint32_t>(1 + v), "v", "A", "C");
    g.values.push_back(-1);
    g.values.push_back(static_cast<int32_t>(v % 3));
  }
  g.iids = {"a", "b"};
  std::vector<ScoreMatch> scores(2);
  for (size_t v = 0; v < kVariants; ++v) {
    scores[0].weights.push_back({v, 0.001, 0, EffectType::kAdditive, false});
    if (v < 65'535) scores[1].weights.push_back({v, 0.001, 0, EffectType::kAdditive, false});
  }
  const ScoreSums sums = Score(g, scores, {"a", "b"}, {}, false);
  EXPECT_EQ(sums.missing.at(sums.counts[0] * size_t{2}), kVariants);
  EXPECT_EQ(sums.missing.at(sums.counts[1] * size_t{2}), 65'535u);
  EXPECT_EQ(sums.AlleleCount(0, 0), 0);
  EXPECT_EQ(sums.AlleleCount(0, 1), 2.0 * kVariants);
}

}  // namespace
}  // namespace kinflow
