#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "pipeline/store/artifact_store.h"

namespace kinflow {

/// How many shards may be in memory at the same time, however many threads there are: 1 to 4, as a
/// quarter of the budget holds where the largest of `shards` takes `row_bytes` a row.
size_t ShardsAtOnce(uint64_t memory_bytes, const std::vector<ShardRecord>& shards,
                    uint64_t row_bytes);

/// work(i) for each of `shards`, `at_once` side by side; the first exception ends it.
void ForEachShard(size_t shards, size_t at_once, const std::function<void(size_t)>& work);

}  // namespace kinflow
