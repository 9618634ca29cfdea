#pragma once

#include <cstdint>
#include <span>

#include "pipeline/store/artifact_store.h"

namespace kinflow {

/// Rows of shards [0, shards) of those that are committed, in their order: the answer of every sink
/// that writes one file a shard of the scan (TileSink::CommittedVariants).
uint64_t RowsOfShards(std::span<const ShardRecord> committed, uint32_t shards);

}  // namespace kinflow
