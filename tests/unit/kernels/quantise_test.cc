#include "pipeline/kernels/quantise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "pipeline/base/philox.h"
#include "tests/unit/kernels/targets.h"

namespace kinflow {
namespace {

using test::OnEachTarget;

std::vector<char> Bytes(const std::vector<float>& values, size_t offset) {
  std::vector<char> bytes(4 * values.size() + offset + 64);
  std::memcpy(bytes.data() + offset, values.data(), 4 * values.size());
  return bytes;
}

TEST(Quantise, EveryThreeDecimalDosageGetsItsUnitOnEachTarget) {
  std::vector<float> values;
  for (int i = 0; i <= 2000; ++i) values.push_back(static_cast<float>(i / 1000.0));
  const std::vector<char> bytes = Bytes(values, 1);  // BCF aligns nothing
  OnEachTarget([&](const char* target) {
    std::vector<uint16_t> out(values.size());
    ASSERT_EQ(FloatsToUnits(bytes.data() + 1, 2001, {1000, true}, out.data()), 2001u) << target;
    for (uint32_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], i) << target;
  });
}

TEST(Quantise, RoundsToTheNearestUnitAndNeverBeyondTwoCopies) {
  Philox random(4, 4);
  std::vector<float> values = {0, 2, -5e-7f, 2.0000005f, 1.99999f};
  while (values.size() < 4099) values.push_back(static_cast<float>(2 * random.Uniform()));
  const std::vector<char> bytes = Bytes(values, 0);
  OnEachTarget([&](const char* target) {
    std::vector<uint16_t> out(values.size());
    ASSERT_EQ(FloatsToUnits(bytes.data(), 4099, {16384, false}, out.data()), 4099u) << target;
    for (size_t i = 0; i < out.size(); ++i) {
      const double expected =
          std::min(32768.0, std::floor(std::max(0.0, double{values[i]}) * 16384 + 0.5));
      ASSERT_EQ(out[i], expected) << target << " " << values[i];
    }
  });
}

TEST(Quantise, StopsBeforeWhatIsNoDosageOfTheGrid) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  float missing;
  const uint32_t bits = 0x7F800001;  // of BCF
  std::memcpy(&missing, &bits, 4);
  for (const float bad :
       {nan, missing, std::numeric_limits<float>::infinity(), -0.1f, 2.1f, 0.5005f}) {
    for (const uint32_t place : {0u, 1u, 16u, 63u, 99u}) {
      std::vector<float> values(100, 0.5f);
      values[place] = bad;
      const std::vector<char> bytes = Bytes(values, 0);
      OnEachTarget([&](const char* target) {
        std::vector<uint16_t> out(100);
        const uint32_t taken = FloatsToUnits(bytes.data(), 100, {1000, true}, out.data());
        ASSERT_LE(taken, place) << target << " " << bad;
        ASSERT_GT(taken + 64, place) << target;
        for (uint32_t i = 0; i < taken; ++i) ASSERT_EQ(out[i], 500u);
      });
    }
  }
}

}  // namespace
}  // namespace kinflow
