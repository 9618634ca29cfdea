#include "pipeline/store/committed_rows.h"

#include <algorithm>

namespace kinflow {

uint64_t RowsOfShards(std::span<const ShardRecord> committed, uint32_t shards) {
  uint64_t rows = 0;
  for (const ShardRecord& shard : committed.first(std::min<size_t>(shards, committed.size()))) {
    rows += shard.rows;
  }
  return rows;
}

}  // namespace kinflow
