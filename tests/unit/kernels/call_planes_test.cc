#include "pipeline/kernels/call_planes.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

TEST(CallPlanes, HoldEveryCallOnEachTarget) {
  for (const uint32_t samples : {1u, 31u, 32u, 255u, 256u, 257u, 1000u}) {
    for (const size_t n_rows : {1u, 7u, 63u, 64u}) {
      const test::RandomRows rows(test::kTwoBitRows, samples, n_rows, n_rows);
      std::vector<const uint8_t*> pointers;
      for (size_t r = 0; r < n_rows; ++r) pointers.push_back(rows[r]);
      test::OnEachTarget([&](const char* target) {
        CallPlanes planes(samples);
        planes.Fill(std::vector<const uint8_t*>(64, rows[0]));  // of which nothing may stay
        planes.Fill(pointers);
        for (uint32_t s = 0; s < samples; ++s) {
          const CallPlanes::Call call = planes.At(s);
          for (size_t r = 0; r < 64; ++r) {
            const uint64_t got = (call.low >> r & 1) | (call.high >> r & 1) << 1;
            ASSERT_EQ(got, r < n_rows ? rows.At(r, s) : 0) << target << " " << samples << " " << r;
          }
        }
        const CallPlanes::Call absent = planes.At(samples);
        EXPECT_EQ(absent.low & absent.high, ~uint64_t{0}) << target;
      });
    }
  }
}

}  // namespace
}  // namespace kinflow
