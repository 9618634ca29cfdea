#include "pipeline/graph/shards_at_once.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>

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

TEST(ForEachShard, AnExceptionEndsIt) {
  std::atomic<int> begun{0};
  EXPECT_THROW(ForEachShard(1'000, 2,
                            [&](size_t i) {
                              ++begun;
                              if (i == 3) throw std::runtime_error("shard 3");
                            }),
               std::runtime_error);
  EXPECT_LT(begun, 1'000);
}

}  // namespace
}  // namespace kinflow
