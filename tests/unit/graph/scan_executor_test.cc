#include "pipeline/graph/scan_executor.h"

#include <gtest/gtest.h>

#include <functional>

#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"
#include "tests/support/test_data.h"
#include "tests/unit/graph/fake_source.h"

namespace kinflow {
namespace {

using test::FakeSource;
using test::SumSink;
using Partition = TileSink::Partition;

struct Environment {
  ArtifactStore store{test::TempFolder()};
  Log log{"", LogLevel::kError};
  Progress progress{Progress::Mode::kNone};
  StopSignal stop;
  RunContext Context(unsigned threads, uint32_t tile_variants) {
    return {{log, progress, stop, threads, uint64_t{1} << 30, tile_variants}, store};
  }
};

constexpr uint32_t kSamples = 150;
constexpr uint64_t kRecords = 2000;
constexpr uint64_t kPerShard = 600;

std::vector<std::vector<double>> Sums(unsigned threads, uint32_t tile, Partition partition) {
  Environment env;
  FakeSource source(kSamples, kRecords, kPerShard);
  SumSink sink(kSamples, partition);
  RunContext run = env.Context(threads, tile);
  const ScanResult result = RunScan(source, {&sink}, run);
  EXPECT_EQ(result.shards, 4u);
  EXPECT_EQ(result.variants, kRecords + (kRecords + 32) / 33);
  EXPECT_TRUE(sink.finished);
  return sink.committed_;
}

TEST(ScanExecutor, SameBitsForAnyThreadCountAndTileSize) {
  for (const Partition partition : {Partition::kBySamples, Partition::kByVariants}) {
    const auto reference = Sums(1, 16, partition);
    for (const unsigned threads : {1u, 2u, 3u, 8u}) {
      for (const uint32_t tile : {1u, 16u, 100u, 4096u}) {
        ASSERT_EQ(Sums(threads, tile, partition), reference)
            << threads << " threads, tile " << tile;
      }
    }
  }
}

TEST(ScanExecutor, LowestErrorIsReportedWhateverTheTiming) {
  for (int round = 0; round < 40; ++round) {
    Environment env;
    FakeSource source(kSamples, kRecords, kPerShard);
    source.fail_decode_at_ = {1500, 777, 1999, 778};
    SumSink sink(kSamples, Partition::kBySamples);
    RunContext run = env.Context(8, 4);
    try {
      RunScan(source, {&sink}, run);
      FAIL() << "no error";
    } catch (const Error& e) {
      EXPECT_EQ(e.record(), 777u);
    }
    EXPECT_FALSE(sink.finished);
    EXPECT_EQ(sink.committed_.size(), 1u);  // the shard before the fault is kept
    EXPECT_LE(source.raw_blocks_, 8 * 4 + 2);
  }
}

TEST(ScanExecutor, ReadErrorDrainsAndSurfaces) {
  Environment env;
  FakeSource source(kSamples, kRecords, kPerShard);
  source.fail_read_at_ = 1300;
  SumSink sink(kSamples, Partition::kBySamples);
  RunContext run = env.Context(4, 16);
  EXPECT_THROW(RunScan(source, {&sink}, run), Error);
  EXPECT_EQ(sink.committed_.size(), 2u);
}

TEST(ScanExecutor, StopKeepsSealedShardsAndResumeGivesTheSameBits) {
  const auto reference = Sums(2, 16, Partition::kBySamples);
  Environment env;
  SumSink sink(kSamples, Partition::kBySamples);
  sink.on_seal = [&](uint32_t shard) {
    if (shard == 1) env.stop.Request(15);
  };
  {
    FakeSource source(kSamples, kRecords, kPerShard);
    RunContext run = env.Context(3, 16);
    try {
      RunScan(source, {&sink}, run);
      FAIL() << "not stopped";
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), ErrorId::kStopped);
    }
    EXPECT_FALSE(sink.finished);
    EXPECT_EQ(sink.committed_.size(), 2u);
  }
  Environment again;
  FakeSource source(kSamples, kRecords, kPerShard);
  RunContext run = again.Context(2, 64);
  sink.next_row_ = sink.CommittedVariants(2);
  sink.on_seal = nullptr;
  const ScanResult result = RunScan(source, {&sink}, run);
  EXPECT_EQ(result.shards, 4u);
  EXPECT_TRUE(sink.finished);
  EXPECT_EQ(sink.committed_, reference);
}

TEST(ScanExecutor, SeveralSinksShareOneScan) {
  Environment env;
  FakeSource source(kSamples, kRecords, kPerShard);
  SumSink by_samples(kSamples, Partition::kBySamples),
      by_variants(kSamples, Partition::kByVariants);
  RunContext run = env.Context(4, 50);
  RunScan(source, {&by_samples, &by_variants}, run);
  EXPECT_EQ(by_samples.committed_, Sums(1, 7, Partition::kBySamples));
  EXPECT_EQ(by_variants.committed_, Sums(1, 7, Partition::kByVariants));
}

/// A byte a person, 512 records of which are stored together.
class BandedSource : public FakeSource {
 public:
  explicit BandedSource(uint32_t people) : FakeSource(people, 10, 10) {}
  uint32_t LeastBlockRecords() const override { return 512; }
};

TEST(ScanBudget, BlocksHoldWhatIsStoredTogetherIfMemoryAllows) {
  const BandedSource source(40'000);
  SumSink sink(1, Partition::kBySamples);
  const std::vector<TileSink*> sinks = {&sink};
  EXPECT_EQ(PlanScan(source, sinks, 4ull << 30, 2, 0).tile_records, 512u);
  const ScanBudget little = PlanScan(source, sinks, 70 << 20, 2, 0);
  EXPECT_LT(little.tile_records, 512u);
  EXPECT_LE(little.peak_bytes, 70u << 20);
}

// A block takes 98 MiB: two of them are more than a scan of small blocks keeps in flight.
TEST(ScanBudget, LargeBlocksKeepEveryThreadBusyIfMemoryAllows) {
  const BandedSource source(200'000);
  SumSink sink(1, Partition::kBySamples);
  const std::vector<TileSink*> sinks = {&sink};
  EXPECT_EQ(PlanScan(source, sinks, 4ull << 30, 1, 0).tokens, 2u);
  const ScanBudget much = PlanScan(source, sinks, 4ull << 30, 8, 0);
  EXPECT_EQ(much.tile_records, 512u);
  EXPECT_EQ(much.tokens, 8u);
  const ScanBudget little = PlanScan(source, sinks, 512ull << 20, 8, 0);
  EXPECT_EQ(little.tile_records, 512u);
  EXPECT_EQ(little.tokens, 2u);
  EXPECT_LE(little.peak_bytes, 512ull << 20);
}

class FlagSink : public SumSink {
 public:
  explicit FlagSink(uint8_t flags) : SumSink(1, Partition::kBySamples), flags_(flags) {}
  uint8_t FlagsUsed() const override { return flags_; }

 private:
  uint8_t flags_;
};

TEST(ScanBudget, FlagsThatASinkLooksAtTakeAByteAGenotype) {
  constexpr uint32_t kPeople = 40'000, kRows = 100, kBlocks = 3;
  FakeSource source(kPeople, 10, 10);
  source.flags_given_ = kCallHaploid;
  FlagSink none(0), phase(kCallPhased), haploid(kCallHaploid);
  const auto peak = [&](std::vector<TileSink*> sinks) {
    const ScanBudget budget = PlanScan(source, sinks, 1ull << 30, 1, kRows);
    EXPECT_EQ(budget.tokens + 1, kBlocks);
    return budget.peak_bytes;
  };
  EXPECT_EQ(peak({&haploid}), peak({&none}) + uint64_t{kBlocks} * kRows * kPeople);
  EXPECT_EQ(peak({&none, &haploid}), peak({&haploid}));
  EXPECT_EQ(peak({&phase}), peak({&none}));  // the source gives none
  const uint64_t with_flags = peak({&haploid});
  source.unasked_ = kCallHaploid;
  EXPECT_EQ(peak({&none}), with_flags);
}

TEST(ScanBudget, FitsTheBudgetOrSaysWhatIsNeeded) {
  FakeSource source(40'000, 10, 10);
  SumSink sink(1, Partition::kBySamples);
  const std::vector<TileSink*> sinks = {&sink};
  for (const uint64_t mib : {74u, 84u, 116u, 1000u}) {
    const ScanBudget b = PlanScan(source, sinks, mib << 20, 16, 0);
    EXPECT_LE(b.peak_bytes, mib << 20) << mib;
    EXPECT_GE(b.tokens, 2u);
    EXPECT_GE(b.tile_records, 1u);
  }
  try {
    PlanScan(source, sinks, 10 << 20, 1, 0);
    FAIL() << "no error";
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kMemoryBudget);
    EXPECT_EQ(e.exit_code(), ExitCode::kResources);
  }
}

// Ids and tables of 200,000 people took 172 MiB before anything was read, 271 MiB with what qc
// counts of them.
TEST(ScanBudget, CountsWhatIsKnownOfManyPeople) {
  FakeSource source(200'000, 10, 10);
  SumSink sink(1, Partition::kBySamples);
  const std::vector<TileSink*> sinks = {&sink};
  EXPECT_THROW(PlanScan(source, sinks, 170ull << 20, 1, 0), Error);
  const ScanBudget enough = PlanScan(source, sinks, 200ull << 20, 1, 0);
  EXPECT_GE(enough.peak_bytes, 172ull << 20);
  EXPECT_LE(enough.peak_bytes, 200ull << 20);
}

}  // namespace
}  // namespace kinflow
