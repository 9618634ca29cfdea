// Encoders of dosage chunks and checksums; bytes = uncompressed chunk. Counter `ratio` = input /
// output.

#include <benchmark/benchmark.h>

#include "bench/micro/rows.h"
#include "pipeline/store/chunk_codec.h"
#include "pipeline/store/fletcher32.h"
#include "pipeline/store/layout.h"

namespace kinflow::bench {
namespace {

struct Chunk {
  std::vector<uint8_t> bytes;
  size_t element = 1;
};

/// One chunk of the store, without linkage disequilibrium. (Real data: pipeline/store/README.md.)
Chunk ChunkOf(const DosageEncoding& encoding) {
  const uint32_t rows = layout::ChunkRows(encoding.layout);
  const DosageTile tile = Tile(encoding, layout::kChunkSamples, rows);
  Chunk chunk{{}, encoding.RowBytes(1)};
  for (uint32_t r = 0; r < rows; ++r) {
    const uint8_t* row = tile.Row(r);
    chunk.bytes.insert(chunk.bytes.end(), row, row + encoding.RowBytes(layout::kChunkSamples));
  }
  return chunk;
}

void Bytes(benchmark::State& state, size_t size) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * size));
}

void Encode(benchmark::State& state, uint32_t units, Compressor compressor) {
  const Chunk chunk = ChunkOf(DosageEncoding::ForUnits(units));
  ChunkEncoder encoder(compressor);
  size_t stored = 1;
  for (auto _ : state) {
    stored = encoder.Encode(chunk.bytes.data(), chunk.bytes.size(), chunk.element).size();
  }
  Bytes(state, chunk.bytes.size());
  state.counters["ratio"] = static_cast<double>(chunk.bytes.size()) / static_cast<double>(stored);
}
BENCHMARK_CAPTURE(Encode, run_u8, 1, Compressor::kRun);
BENCHMARK_CAPTURE(Encode, run_u16, 1000, Compressor::kRun);
BENCHMARK_CAPTURE(Encode, libdeflate1_u8, 1, Compressor::kFast);
BENCHMARK_CAPTURE(Encode, libdeflate1_u16, 1000, Compressor::kFast);

void Decode(benchmark::State& state, uint32_t units, Compressor compressor) {
  const Chunk chunk = ChunkOf(DosageEncoding::ForUnits(units));
  ChunkEncoder encoder(compressor);
  const auto stored = encoder.Encode(chunk.bytes.data(), chunk.bytes.size(), chunk.element);
  std::vector<uint8_t> out(chunk.bytes.size() + 64);
  for (auto _ : state) {
    if (!DecodeChunk(stored, chunk.element, out.data(), chunk.bytes.size())) {
      state.SkipWithError("a chunk does not decode");
    }
  }
  Bytes(state, chunk.bytes.size());
}
BENCHMARK_CAPTURE(Decode, run_u8, 1, Compressor::kRun);
BENCHMARK_CAPTURE(Decode, run_u16, 1000, Compressor::kRun);
BENCHMARK_CAPTURE(Decode, libdeflate1_u16, 1000, Compressor::kFast);

void Fletcher(benchmark::State& state) {
  const Chunk chunk = ChunkOf(DosageEncoding::ForUnits(1000));
  for (auto _ : state) {
    benchmark::DoNotOptimize(Fletcher32(chunk.bytes.data(), chunk.bytes.size()));
  }
  Bytes(state, chunk.bytes.size());
}
BENCHMARK(Fletcher);

}  // namespace
}  // namespace kinflow::bench
