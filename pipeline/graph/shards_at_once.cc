#include "pipeline/graph/shards_at_once.h"

#include <oneapi/tbb/parallel_pipeline.h>

#include <algorithm>

namespace kinflow {

size_t ShardsAtOnce(uint64_t memory_bytes, const std::vector<ShardRecord>& shards,
                    uint64_t row_bytes) {
  constexpr uint64_t kMost = 4;
  uint64_t rows = 1;
  for (const ShardRecord& shard : shards) rows = std::max(rows, shard.rows);
  return std::clamp<uint64_t>(memory_bytes / 4 / (rows * row_bytes), 1, kMost);
}

void ForEachShard(size_t shards, size_t at_once, const std::function<void(size_t)>& work) {
  namespace tbb = oneapi::tbb;
  size_t next = 0;
  tbb::parallel_pipeline(at_once,
                         tbb::make_filter<void, size_t>(tbb::filter_mode::serial_in_order,
                                                        [&](tbb::flow_control& control) -> size_t {
                                                          if (next == shards) control.stop();
                                                          return next == shards ? next : next++;
                                                        }) &
                             tbb::make_filter<size_t, void>(tbb::filter_mode::parallel, work));
}

}  // namespace kinflow
