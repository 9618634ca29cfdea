#include "pipeline/graph/scan_executor.h"

#include <fmt/format.h>
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>

#include "pipeline/base/buffer_memory.h"
#include "pipeline/base/error.h"
#include "pipeline/base/number.h"
#include "pipeline/base/resources.h"
#include "pipeline/graph/process_memory.h"
#include "pipeline/graph/progress.h"
#include "pipeline/graph/stop_signal.h"

namespace kinflow {
namespace {

namespace flow = oneapi::tbb::flow;

constexpr uint64_t kBlockTargetBytes = 2ull << 20;       // tile + raw bytes of one block
constexpr uint64_t kInFlightTargetBytes = 256ull << 20;  // more gains nothing for small blocks
constexpr uint32_t kMaxTileRecords = 4096;
constexpr uint64_t kVariantBytes = 128;  // of a tile's row: its place, names and alleles, about
constexpr uint32_t kPartAlignment = 64;  // samples; keeps parts on separate cache lines

/// One block on its way through the graph. Pooled: buffers keep their capacity.
struct Flight {
  std::unique_ptr<RawBlock> raw;
  DosageTile tile;
  uint64_t block = 0;
  bool empty = false;  // nothing to consume: an error or skipped block that drains
};

/// Keeps the error of the lowest block, whichever thread finds it first.
class FirstError {
 public:
  void Record(uint64_t block, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (block < block_) {
      block_ = block;
      error_ = error;
    }
  }
  /// Blocks at or above this one are not worth working on.
  uint64_t block() const {
    const std::lock_guard lock(mutex_);
    return block_;
  }
  void RethrowIfAny() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  mutable std::mutex mutex_;
  uint64_t block_ = std::numeric_limits<uint64_t>::max();
  std::exception_ptr error_;
};

class FlightPool {
 public:
  FlightPool(const GenotypeSource& source, uint32_t tile_records)
      : source_(source), tile_records_(tile_records) {}
  Flight* Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      all_.push_back(std::make_unique<Flight>());
      all_.back()->raw = source_.NewRawBlock();
      AllocateRows(all_.back()->tile);
      return all_.back().get();
    }
    Flight* flight = free_.back();
    free_.pop_back();
    flight->empty = false;
    return flight;
  }
  void Give(Flight* flight) {
    const std::lock_guard lock(mutex_);
    free_.push_back(flight);
  }

 private:
  // Full size at once: what tiles grow by would be touched first in small pages.
  void AllocateRows(DosageTile& tile) const {
    tile.Shape(source_.samples()->size(), source_.encoding(), tile_records_);
    AdviseHugePages(tile.values.data(), tile.values.size());
  }

  const GenotypeSource& source_;
  uint32_t tile_records_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Flight>> all_;
  std::vector<Flight*> free_;
};

std::vector<Range> PartsOf(const TileSink& sink, const DosageTile& tile, unsigned threads) {
  const bool by_samples = sink.partition() == TileSink::Partition::kBySamples;
  const Range all =
      by_samples ? sink.Samples(tile.n_samples) : Range{0, static_cast<uint32_t>(tile.rows())};
  uint32_t step = std::max<uint32_t>(1, all.size() / (2 * threads));
  // Sinks that take variants 64 at a time get full batches where there are enough of them.
  if (by_samples || step > kPartAlignment) {
    step = (step + kPartAlignment - 1) / kPartAlignment * kPartAlignment;
  }
  std::vector<Range> parts;
  for (uint32_t begin = all.begin; begin < all.end; begin += step)
    parts.push_back({begin, std::min(all.end, begin + step)});
  return parts;
}

/// The ordered end of the graph: hands tiles to the sinks and seals shards.
class SinkStage {
 public:
  SinkStage(const std::vector<TileSink*>& sinks, unsigned threads, uint32_t first_shard,
            uint64_t first_variant, bool source_numbers_rows)
      : sinks_(sinks),
        threads_(threads),
        next_shard_(first_shard),
        next_variant_(first_variant),
        source_numbers_rows_(source_numbers_rows) {}

  void Consume(DosageTile& tile) {
    if (!source_numbers_rows_) tile.first_variant = next_variant_;
    next_variant_ += tile.rows();
    variants_ += tile.rows();
    EnterShard(tile.shard);
    struct Job {
      TileSink* sink;
      Range part;
    };
    std::vector<Job> jobs;
    for (TileSink* sink : sinks_) {
      sink->BeginTile(tile);
      for (const Range part : PartsOf(*sink, tile, threads_)) jobs.push_back({sink, part});
    }
    oneapi::tbb::parallel_for(size_t{0}, jobs.size(),
                              [&](size_t j) { jobs[j].sink->Consume(tile, jobs[j].part); });
    for (TileSink* sink : sinks_) sink->EndTile(tile);
  }

  void Finish() {
    LeaveShard();
    for (TileSink* sink : sinks_) sink->Finish();
  }
  uint64_t variants() const { return variants_; }
  uint32_t shards() const { return next_shard_; }

 private:
  // Shards without any wanted row do not appear in the stream; they are committed empty, so that
  // shard numbers have no gap.
  void EnterShard(uint32_t shard) {
    while (next_shard_ <= shard) {
      LeaveShard();
      for (TileSink* sink : sinks_) sink->BeginShard(next_shard_);
      open_ = true;
      ++next_shard_;
    }
  }
  void LeaveShard() {
    if (!open_) return;
    for (TileSink* sink : sinks_) sink->SealShard(next_shard_ - 1);
    open_ = false;
  }

  const std::vector<TileSink*>& sinks_;
  unsigned threads_;
  uint32_t next_shard_;
  uint64_t next_variant_, variants_ = 0;
  bool source_numbers_rows_;
  bool open_ = false;
};

/// The flow graph of one scan:
///   input (serial, in order) -> limiter -> decode (parallel) -> sequencer -> sinks (serial)
///                                  ^------------------ decrement -----------------|
/// No body lets an exception out: it is recorded and an empty block passes on, so that sequencer
/// and limiter drain.
class ScanGraph {
 public:
  ScanGraph(GenotypeSource& source, SinkStage& sinks, const ScanContext& run,
            const ScanBudget& budget)
      : source_(source),
        sinks_(sinks),
        run_(run),
        pool_(source, budget.tile_records),
        tokens_(budget.tokens) {}

  void Run() {
    flow::graph graph;
    flow::input_node<Flight*> read(graph,
                                   [this](oneapi::tbb::flow_control& fc) { return Read(fc); });
    flow::limiter_node<Flight*> limiter(graph, tokens_);
    flow::function_node<Flight*, Flight*> decode(graph, flow::unlimited,
                                                 [this](Flight* f) { return Decode(f); });
    flow::sequencer_node<Flight*> in_order(graph, [](Flight* f) { return f->block; });
    flow::function_node<Flight*, flow::continue_msg> consume(
        graph, flow::serial, [this](Flight* f) { return Consume(f); });
    flow::make_edge(read, limiter);
    flow::make_edge(limiter, decode);
    flow::make_edge(decode, in_order);
    flow::make_edge(in_order, consume);
    flow::make_edge(consume, limiter.decrementer());
    read.activate();
    graph.wait_for_all();
    errors_.RethrowIfAny();
  }
  uint64_t blocks() const { return next_block_; }

 private:
  Flight* Read(oneapi::tbb::flow_control& fc) {
    if (run_.stop.requested() || errors_.block() <= next_block_) {
      fc.stop();
      return nullptr;
    }
    Flight* flight = pool_.Take();
    try {
      if (!source_.Read(*flight->raw)) {
        pool_.Give(flight);
        fc.stop();
        return nullptr;
      }
    } catch (...) {
      errors_.Record(next_block_, std::current_exception());
      pool_.Give(flight);
      fc.stop();
      return nullptr;
    }
    flight->block = next_block_++;
    return flight;
  }

  Flight* Decode(Flight* flight) {
    if (flight->block >= errors_.block()) {
      flight->empty = true;
      return flight;
    }
    try {
      flight->tile.variants.Clear();
      flight->tile.block = flight->block;
      flight->tile.shard = flight->raw->shard;
      source_.Decode(*flight->raw, flight->tile);
    } catch (...) {
      errors_.Record(flight->block, std::current_exception());
      flight->empty = true;
    }
    return flight;
  }

  flow::continue_msg Consume(Flight* flight) {
    if (!flight->empty && flight->block < errors_.block()) {
      try {
        sinks_.Consume(flight->tile);
        run_.progress.Set(source_.bytes_read());
      } catch (...) {
        errors_.Record(flight->block, std::current_exception());
      }
    }
    pool_.Give(flight);
    return {};
  }

  GenotypeSource& source_;
  SinkStage& sinks_;
  const ScanContext& run_;
  FlightPool pool_;
  FirstError errors_;
  uint32_t tokens_;
  uint64_t next_block_ = 0;  // touched by the serial Read only
};

/// Union of the rows that the sinks want, or nullopt if one of them wants all.
std::optional<std::vector<uint64_t>> WantedRows(const std::vector<TileSink*>& sinks) {
  std::vector<uint64_t> rows;
  for (const TileSink* sink : sinks) {
    const std::vector<uint64_t>* wanted = sink->wanted_variants();
    if (wanted == nullptr) return std::nullopt;
    rows.insert(rows.end(), wanted->begin(), wanted->end());
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

}  // namespace

uint8_t FlagsUsed(const std::vector<TileSink*>& sinks) {
  uint8_t flags = 0;
  for (const TileSink* sink : sinks) flags |= sink->FlagsUsed();
  return flags;
}

ScanBudget PlanScan(const GenotypeSource& source, const std::vector<TileSink*>& sinks,
                    uint64_t memory_bytes, unsigned threads, uint32_t tile_variants) {
  const uint32_t people = source.samples()->size();
  uint64_t fixed = ProcessBytes(people);
  for (const TileSink* sink : sinks) fixed += sink->MemoryBytes();
  const uint64_t row_bytes = TileRowBytes(source, FlagsUsed(sinks)) + kVariantBytes;
  const auto block_bytes = [&](uint64_t records) {
    return records * row_bytes + source.RawBlockBytes(static_cast<uint32_t>(records));
  };
  const uint64_t room = memory_bytes > fixed ? memory_bytes - fixed : 0;
  const uint64_t smallest = 3 * block_bytes(1);
  if (room < smallest) {
    throw Error(ErrorId::kMemoryBudget,
                fmt::format("the memory budget of {} is too small: this scan needs at least {}",
                            FormatBytes(memory_bytes), FormatBytes(fixed + smallest)))
        .Remedy("raise resources.memory (--memory)");
  }
  uint64_t records = tile_variants;
  if (records == 0) {
    // Sources may hold a fixed amount a block (buffers of the compressed stream): only what a
    // record adds decides how many of them make a block worth its overhead.
    const uint64_t a_record = std::max<uint64_t>(1, (block_bytes(1025) - block_bytes(1)) / 1024);
    records = std::clamp<uint64_t>(kBlockTargetBytes / a_record, 1, kMaxTileRecords);
    // Kernels take so many rows at a time.
    if (records > 256) records = records / 256 * 256;
    if (records > 16) records = records / 16 * 16;
    records = std::max<uint64_t>(records, source.LeastBlockRecords());
  }
  while (records > 1 && 3 * block_bytes(records) > room) records /= 2;
  // Blocks too large for that: one a thread, and one that is read meanwhile.
  const uint64_t busy = std::max<uint64_t>(3, uint64_t{threads} + 1) * block_bytes(records);
  const uint64_t in_flight = std::min(room, std::max(kInFlightTargetBytes, busy));
  const uint64_t tokens =
      std::clamp<uint64_t>(in_flight / block_bytes(records) - 1, 2, uint64_t{2} * threads);
  return {static_cast<uint32_t>(records), static_cast<uint32_t>(tokens),
          fixed + (tokens + 1) * block_bytes(records)};
}

ScanResult RunScan(GenotypeSource& source, const std::vector<TileSink*>& sinks,
                   const ScanContext& run) {
  source.UseFlags(FlagsUsed(sinks));
  const ScanBudget budget =
      PlanScan(source, sinks, run.memory_bytes, run.threads, run.tile_variants);
  ScanShape shape;
  shape.tile_records = budget.tile_records;
  shape.block_bytes = source.RawBlockBytes(budget.tile_records);
  if (run.shard_genotypes > 0) shape.shard_genotypes = run.shard_genotypes;
  source.Shape(shape);
  run.log.Info("scan: blocks of {} records, {} in flight, about {} of memory", budget.tile_records,
               budget.tokens, FormatBytes(budget.peak_bytes));

  // The sink that is least far knows how many variants lie behind it.
  const TileSink* last =
      *std::min_element(sinks.begin(), sinks.end(), [](const TileSink* a, const TileSink* b) {
        return a->CommittedShards() < b->CommittedShards();
      });
  const uint32_t first_shard = last->CommittedShards();
  const uint64_t first_variant = first_shard == 0 ? 0 : last->CommittedVariants(first_shard);

  ScanResult result;
  oneapi::tbb::task_arena arena(static_cast<int>(run.threads));
  arena.execute([&] {
    bool numbered = false;
    if (const auto rows = WantedRows(sinks)) numbered = source.SelectRows(*rows);
    if (first_shard > 0) {
      run.log.Info("resuming behind {} finished shards", first_shard);
      source.SkipShards(first_shard);
    }
    SinkStage stage(sinks, run.threads, first_shard, first_variant, numbered);
    ScanGraph graph(source, stage, run, budget);
    graph.Run();
    run.stop.Check();
    stage.Finish();
    result = {stage.variants(), stage.shards(), graph.blocks()};
    for (const auto& warning : source.Warnings()) run.log.Warn("{}", warning);
  });
  return result;
}

}  // namespace kinflow
