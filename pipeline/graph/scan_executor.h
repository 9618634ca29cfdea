#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/graph/genotype_source.h"
#include "pipeline/graph/run_context.h"
#include "pipeline/graph/tile_sink.h"

namespace kinflow {

/// How much a scan keeps in flight. Results never depend on it.
struct ScanBudget {
  uint32_t tile_records = 0;
  uint32_t tokens = 0;      // blocks between Read and the last sink
  uint64_t peak_bytes = 0;  // estimate: blocks in flight + what the sinks hold
};

/// The bits of DosageTile::calls that any of the sinks looks at.
uint8_t FlagsUsed(const std::vector<TileSink*>& sinks);

/// Splits blocks and chooses tokens so that the scan stays within `memory_bytes` (the whole
/// process, ids and tables of its people included). Throws kMemoryBudget, with the number needed,
/// if not even two one-record blocks fit.
ScanBudget PlanScan(const GenotypeSource& source, const std::vector<TileSink*>& sinks,
                    uint64_t memory_bytes, unsigned threads, uint32_t tile_variants);

struct ScanResult {
  uint64_t variants = 0;  // rows decoded by this process
  uint32_t shards = 0;    // all shards, resumed ones included
  uint64_t blocks = 0;
};

/// One pass: reads, decodes in parallel, feeds every sink in block order, seals shards, finishes
/// the sinks. Resumes behind the shards that all sinks have committed.
///
/// On an error reading stops, blocks in flight drain, and the error of the lowest block is thrown
/// (the same one in every run). On a stop request the blocks in flight drain, the unfinished shard
/// is dropped and Error(kStopped) is thrown. No sink is finished in either case.
ScanResult RunScan(GenotypeSource& source, const std::vector<TileSink*>& sinks,
                   const ScanContext& run);

}  // namespace kinflow
