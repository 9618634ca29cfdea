// What a scan of scores leaves behind: resumed runs, people in batches.
#include <gtest/gtest.h>

#include "pipeline/base/file.h"
#include "stages/scores/score_sink.h"
#include "tests/unit/scores/random_scores.h"

namespace kinflow {
namespace {

using test::Genotypes;
using test::MatchedTo;
using test::RandomGenotypes;
using test::RandomScores;
using test::ScanShapeForTest;

TEST(ScoreFiles, ResumesBehindCommittedShards) {
  const Genotypes g = RandomGenotypes(100, 20, 100);
  const MatchedScores scores = MatchedTo(g, RandomScores(g, 3));
  ScanShapeForTest shape;
  shape.shard_variants = 30;
  shape.tile_variants = 7;
  const Manifest manifest = test::ScoresManifest("resume");
  const auto digest = [&](test::TestRun& run) {
    return run.store.Find("scores", manifest.key)->ContentDigest();
  };
  test::TestRun whole;
  {
    const auto sink = test::SinkOf(whole.store, manifest, scores, g.n_samples);
    test::Scan(*sink, g, shape);
  }
  for (const size_t upto : {30u, 60u, 100u}) {
    test::TestRun run;
    Genotypes head = g;  // a scan that ends early, without Finish
    struct NoFinish : TileSink {
      explicit NoFinish(ScoreSink& s) : sink(s) {}
      Partition partition() const override { return sink.partition(); }
      uint32_t CommittedShards() const override { return sink.CommittedShards(); }
      uint64_t CommittedVariants(uint32_t n) const override { return sink.CommittedVariants(n); }
      void BeginShard(uint32_t s) override { sink.BeginShard(s); }
      void BeginTile(const DosageTile& t) override { sink.BeginTile(t); }
      void Consume(const DosageTile& t, Range r) override { sink.Consume(t, r); }
      void EndTile(const DosageTile& t) override { sink.EndTile(t); }
      void SealShard(uint32_t s) override { sink.SealShard(s); }
      void Finish() override {}
      ScoreSink& sink;
    };
    head.variants.Clear();
    for (size_t v = 0; v < upto; ++v) head.variants.Append(g.variants, v);
    {
      const auto sink = test::SinkOf(run.store, manifest, scores, g.n_samples);
      NoFinish wrapped(*sink);
      test::Scan(wrapped, head, shape);
    }
    const auto sink = test::SinkOf(run.store, manifest, scores, g.n_samples);
    EXPECT_EQ(sink->CommittedShards(), (upto + 29) / 30);
    EXPECT_EQ(sink->CommittedVariants(1), 30u);
    test::Scan(*sink, g, shape);
    EXPECT_EQ(digest(run), digest(whole));
  }
}

// People in batches, each with a scan of its own, resumed in each of them.
TEST(ScoreFiles, BatchesOfPeopleChangeNoBit) {
  Genotypes g = RandomGenotypes(100, 200, 100);
  for (size_t v = 90; v < 100; ++v) {
    // Only the second batch has haploid people.
    g.calls.resize(g.values.size(), 0);
    for (uint32_t s = 70; s < 90; ++s) g.calls[v * g.n_samples + s] = kCallHaploid;
  }
  const MatchedScores scores = MatchedTo(g, RandomScores(g, 11));
  ScanShapeForTest shape;
  shape.shard_variants = 30;
  shape.tile_variants = 7;
  const auto sums_of = [&](uint32_t batch, uint64_t checkpoint, int scans_before_kill) {
    test::TestRun run;
    const Manifest manifest = test::ScoresManifest(std::to_string(batch));
    const auto sink = [&] {
      return test::SinkOf(run.store, manifest, scores, g.n_samples, {}, {}, checkpoint, batch);
    };
    for (int i = 0; i < scans_before_kill; ++i) {
      const auto killed = sink();
      test::ScanOnce(*killed, g, shape);
      EXPECT_TRUE(killed->WantsAnotherScan());
    }
    test::Scan(*sink(), g, shape);
    return ReadScoreSums(run.store, *run.store.Find("scores", manifest.key));
  };
  const ScoreSums all = sums_of(0, 1, 0);
  ASSERT_FALSE(all.fewer.empty());
  for (const uint32_t batch : {64u, 128u, 192u}) {
    for (const uint64_t checkpoint : {uint64_t{1}, uint64_t{1} << 40}) {
      for (const int killed : {0, 1}) {
        const ScoreSums sums = sums_of(batch, checkpoint, killed);
        EXPECT_EQ(sums.sum, all.sum) << batch << checkpoint << killed;
        EXPECT_EQ(sums.missing, all.missing);
        EXPECT_EQ(sums.fewer, all.fewer);
        EXPECT_EQ(sums.fewer_missing, all.fewer_missing);
      }
    }
  }
}

TEST(ScoreFiles, BatchesFitTheMemory) {
  ScoreWeights weights({});
  constexpr size_t kScores = 1000, kX = 23;
  for (size_t s = 0; s < kScores; ++s) {
    const std::vector<MatchedWeight> w = {{s, 1.0, 0.5}, {s + kX, 1.0, 0.5, {}, false, true}};
    weights.Add(std::to_string(s), w);
  }
  weights.Finish();
  // Sums, counts of missing genotypes and of alleles on X that 200,000 people lack: 3.6 GB.
  const uint64_t budget = 2ull << 30;
  const uint32_t batch = ScoreSink::BatchSamples(weights, 200'000, budget);
  ASSERT_GT(batch, 0u);
  EXPECT_EQ(batch % 64, 0u);
  EXPECT_LE(batch, 100'032u);
  EXPECT_GE(batch, 50'000u);
  test::TestRun run;
  const ScoreSink sink(run.store, test::ScoresManifest("memory"), std::move(weights),
                       {200'000, {}, 1, batch});
  EXPECT_LT(sink.MemoryBytes() + (64 << 20), budget);
  ScoreWeights few({});
  few.Add("s", std::vector<MatchedWeight>{{0, 1.0, 0.5}});
  few.Finish();
  EXPECT_EQ(ScoreSink::BatchSamples(few, 200'000, budget), 0u);
}

// Killed between the merged file and the manifest.
TEST(ScoreFiles, ResumesBeforeTheSeal) {
  const Genotypes g = RandomGenotypes(60, 9, 1);
  const MatchedScores scores = MatchedTo(g, RandomScores(g, 1, true));
  ScanShapeForTest shape;
  shape.shard_variants = 20;
  const Manifest manifest = test::ScoresManifest("unsealed");
  test::TestRun run;
  {
    const auto sink = test::SinkOf(run.store, manifest, scores, g.n_samples);
    test::Scan(*sink, g, shape);
  }
  const Digest before = run.store.Find("scores", manifest.key)->ContentDigest();
  RemoveFile(run.store.FolderOf("scores", manifest.key) + "/manifest.json");
  ASSERT_FALSE(run.store.Find("scores", manifest.key).has_value());
  const auto sink = test::SinkOf(run.store, manifest, scores, g.n_samples);
  EXPECT_EQ(sink->CommittedShards(), 3u);
  test::Scan(*sink, g, shape);
  EXPECT_EQ(run.store.Find("scores", manifest.key)->ContentDigest(), before);
}

}  // namespace
}  // namespace kinflow
