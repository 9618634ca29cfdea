#include "pipeline/kernels/call_values.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

TEST(CallsToValues, ByTheTableOfEachVariantOnEachTarget) {
  constexpr size_t kWords = 3, kStride = 5;
  Philox random(11, 3);
  std::vector<uint64_t> low(kWords * kStride), high(kWords * kStride);
  for (auto& word : low) word = random.Next64();
  for (auto& word : high) word = random.Next64();
  std::vector<CallValues> values(kWords);
  for (auto& table : values) {
    for (auto& row : table.values) {
      for (float& x : row) x = static_cast<float>(random.Normal());
    }
  }
  std::vector<float> expected(kWords * 64);
  for (size_t i = 0; i < expected.size(); ++i) {
    const size_t word = i / 64, v = i % 64;
    const uint64_t call = (low[word * kStride] >> v & 1) + 2 * (high[word * kStride] >> v & 1);
    expected[i] = call == 3 ? 0 : values[word].values[call][v];
  }
  test::OnEachTarget([&](const char* target) {
    std::vector<float> out(kWords * 64, -1);
    CallsToValues(low.data(), high.data(), kStride, kWords, values.data(), out.data());
    EXPECT_EQ(out, expected) << target;
  });
  std::vector<float> out(kWords * 64, -1);
  scalar::CallsToValues(low.data(), high.data(), kStride, kWords, values.data(), out.data());
  EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace kinflow
