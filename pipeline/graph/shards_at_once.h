#pragma once

#include <cstddef>
#include <functional>

namespace kinflow {

/// Shards whose columns are in memory at the same time, however many threads there are.
inline constexpr size_t kShardsAtOnce = 4;

/// work(i) for each of `shards`, kShardsAtOnce side by side; the first exception ends it.
void ForEachShard(size_t shards, const std::function<void(size_t)>& work);

}  // namespace kinflow
