#include "pipeline/graph/shards_at_once.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_group.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace kinflow {
namespace {

TEST(ShardsAtOnce, IsWhatAQuarterOfTheBudgetHolds) {
  std::vector<ShardRecord> shards(3);
  shards[0].rows = 1'000;
  shards[1].rows = 50'000;
  shards[2].rows = 20;
  EXPECT_EQ(ShardsAtOnce(4 * 50'000 * 600 - 1, shards, 600),
            1u);  // less than one: one all the same
  EXPECT_EQ(ShardsAtOnce(4 * 2 * 50'000 * 600, shards, 600), 2u);
  EXPECT_EQ(ShardsAtOnce(1ull << 40, shards, 600), 4u);
  EXPECT_EQ(ShardsAtOnce(1 << 20, {}, 600), 4u);
}

TEST(ForEachShard, TakesEachOnceAndNoMoreThanAskedForAtATime) {
  for (const size_t at_once : {1u, 3u}) {
    for (const size_t threads : {1u, 4u}) {
      const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                              threads);
      std::vector<std::atomic<int>> taken(20);
      std::atomic<size_t> running{0}, most{0};
      ForEachShard(taken.size(), at_once, [&](size_t i) {
        const size_t now = ++running;
        for (size_t seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ++taken[i];
        --running;
      });
      for (const auto& times : taken) EXPECT_EQ(times, 1);
      EXPECT_LE(most, at_once);
    }
  }
  ForEachShard(0, 2, [](size_t) { FAIL(); });
}

/// What comes beside or after the shard that fails stays until it is told to stop, so that the
/// other thread cannot be through with all shards before the exception is thrown.
TEST(ForEachShard, AnExceptionEndsIt) {
  std::atomic<int> begun{0};
  const auto fail_at_3 = [&](size_t i) {
    ++begun;
    if (i == 3) throw std::runtime_error("shard 3");
    while (i > 3 && !oneapi::tbb::is_current_task_group_canceling()) std::this_thread::yield();
  };
  EXPECT_THROW(ForEachShard(1'000, 2, fail_at_3), std::runtime_error);
  EXPECT_LE(begun, 5);
}

}  // namespace
}  // namespace kinflow
