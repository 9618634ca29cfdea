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

/// A scan that is killed before its end.
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

/// The first variants of a scan alone.
Genotypes Head(const Genotypes& g, size_t variants) {
  Genotypes head = g;
  head.variants.Clear();
  for (size_t v = 0; v < variants; ++v) head.variants.Append(g.variants, v);
  return head;
}

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
    {
      const auto sink = test::SinkOf(run.store, manifest, scores, g.n_samples);
      NoFinish wrapped(*sink);
      test::Scan(wrapped, Head(g, upto), shape);
    }
    const auto sink = test::SinkOf(run.store, manifest, scores, g.n_samples);
    EXPECT_EQ(sink->CommittedShards(), (upto + 29) / 30);
    EXPECT_EQ(sink->CommittedVariants(1), 30u);
    test::Scan(*sink, g, shape);
    EXPECT_EQ(digest(run), digest(whole));
  }
}

/// 100 variants and 200 people, 11 scores; only people 70 to 89 are haploid anywhere.
class BatchesOfPeople : public testing::Test {
 protected:
  BatchesOfPeople() : genotypes_(RandomGenotypes(100, 200, 100)) {
    genotypes_.calls.resize(genotypes_.values.size(), 0);
    for (size_t v = 90; v < 100; ++v) {
      for (uint32_t s = 70; s < 90; ++s) genotypes_.calls[v * 200 + s] = kCallHaploid;
    }
    scores_ = MatchedTo(genotypes_, RandomScores(genotypes_, 11));
    shape_.shard_variants = 30;
    shape_.tile_variants = 7;
    test::TestRun run;
    test::Scan(*Sink(run, 0, 1), genotypes_, shape_);
    all_ = Sums(run);
    EXPECT_FALSE(all_.fewer.empty());
  }
  std::unique_ptr<ScoreSink> Sink(test::TestRun& run, uint32_t batch, uint64_t checkpoint) {
    return test::SinkOf(run.store, manifest_, scores_, 200, {}, {}, checkpoint, batch);
  }
  ScoreSums Sums(test::TestRun& run) {
    return ReadScoreSums(run.store, *run.store.Find("scores", manifest_.key));
  }
  void ExpectAll(test::TestRun& run, const std::string& what) {
    const ScoreSums sums = Sums(run);
    EXPECT_EQ(sums.sum, all_.sum) << what;
    EXPECT_EQ(sums.missing, all_.missing) << what;
    EXPECT_EQ(sums.fewer, all_.fewer) << what;
    EXPECT_EQ(sums.fewer_missing, all_.fewer_missing) << what;
  }
  /// Scans `batches` of them, then `variants` of the next one, and dies.
  void ScanAndDie(test::TestRun& run, uint32_t batch, uint64_t checkpoint, int batches,
                  size_t variants) {
    const auto sink = Sink(run, batch, checkpoint);
    for (int b = 0; b < batches; ++b) {
      test::ScanOnce(*sink, genotypes_, shape_);
      ASSERT_TRUE(sink->WantsAnotherScan());
    }
    NoFinish killed(*sink);
    test::ScanOnce(killed, Head(genotypes_, variants), shape_);
  }

  Genotypes genotypes_;
  MatchedScores scores_;
  ScanShapeForTest shape_;
  Manifest manifest_ = test::ScoresManifest("batches");
  ScoreSums all_;
};

TEST_F(BatchesOfPeople, ChangeNoBit) {
  for (const uint32_t batch : {64u, 128u, 192u}) {
    for (const uint64_t checkpoint : {uint64_t{1}, uint64_t{1} << 40}) {
      test::TestRun run;
      test::Scan(*Sink(run, batch, checkpoint), genotypes_, shape_);
      ExpectAll(run, std::to_string(batch));
    }
  }
}

TEST_F(BatchesOfPeople, ResumeWhereverTheRunDied) {
  for (const int batches : {0, 1, 2, 3}) {
    for (const size_t variants : {0u, 60u, 100u}) {
      for (const uint64_t checkpoint : {uint64_t{1}, uint64_t{1} << 40}) {
        test::TestRun run;
        ScanAndDie(run, 64, checkpoint, batches, variants);
        const auto sink = Sink(run, 64, checkpoint);
        EXPECT_EQ(sink->CommittedShards(), checkpoint == 1 ? (variants + 29) / 30 : 0);
        EXPECT_EQ(sink->Samples(200).begin, 64u * static_cast<uint32_t>(batches));
        test::Scan(*sink, genotypes_, shape_);
        ExpectAll(run, std::to_string(batches) + " " + std::to_string(variants));
      }
    }
  }
}

// Between the last batch and the seal, with and without the merged file.
TEST_F(BatchesOfPeople, ResumeBeforeTheSeal) {
  for (const bool merged : {true, false}) {
    test::TestRun run;
    test::Scan(*Sink(run, 64, 1), genotypes_, shape_);
    const std::string folder = run.store.FolderOf("scores", manifest_.key);
    const size_t last = run.store.Find("scores", manifest_.key)->shards.size() - 1;
    RemoveFile(folder + "/manifest.json");
    if (!merged) {
      for (const char* ending : {".h5", ".json"}) {
        RemoveFile(folder + "/shard-000" + std::to_string(last) + ending);
      }
    }
    test::Scan(*Sink(run, 64, 1), genotypes_, shape_);
    ExpectAll(run, "seal");
  }
}

TEST_F(BatchesOfPeople, OfAnotherSizeAreSummedAgain) {
  for (const uint32_t later : {0u, 64u, 128u}) {
    test::TestRun run;
    ScanAndDie(run, later == 64 ? 128 : 64, 1, 1, 60);
    test::Scan(*Sink(run, later, 1), genotypes_, shape_);
    ExpectAll(run, std::to_string(later));
  }
}

// A budget that holds all keeps the batches that were begun under a smaller one.
TEST_F(BatchesOfPeople, ThatFitAreKept) {
  test::TestRun run;
  ScanAndDie(run, 64, 1, 1, 60);
  const auto sink = Sink(run, 0, 1);
  sink->FitMemory(1ull << 30);
  EXPECT_EQ(sink->CommittedShards(), 2u);
  test::Scan(*sink, genotypes_, shape_);
  ExpectAll(run, "kept");
}

TEST(ScoreFiles, BatchesFitTheMemory) {
  const auto sink_of = [](test::TestRun& run, size_t scores, bool on_x) {
    ScoreWeights weights({});
    for (size_t s = 0; s < scores; ++s) {
      const MatchedScore score = {std::to_string(s),
                                  {{s, 1.0, 0.5}, {s + 2000, 1.0, 0.5, {}, false, on_x}}};
      weights.Add(std::span(&score, 1));
    }
    weights.Finish();
    return std::make_unique<ScoreSink>(run.store, test::ScoresManifest("memory"),
                                       std::move(weights), ScoreSink::Setup{200'000});
  };
  // Sums, counts of missing genotypes and of alleles on X that 200,000 people lack: 3.6 GB.
  const uint64_t budget = 2ull << 30;
  test::TestRun run;
  const auto many = sink_of(run, 1000, true);
  EXPECT_GT(many->MemoryBytes(), budget);
  many->FitMemory(budget);
  EXPECT_EQ(many->Samples(200'000).size() % 64, 0u);
  EXPECT_LE(many->Samples(200'000).size(), 100'032u);
  EXPECT_GE(many->Samples(200'000).size(), 50'000u);
  EXPECT_LT(many->MemoryBytes() + (64 << 20), budget);
  const auto few = sink_of(run, 1, true);
  few->FitMemory(budget);
  EXPECT_EQ(few->Samples(200'000).size(), 200'000u);
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
