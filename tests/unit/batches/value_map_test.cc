#include "stages/batches/value_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace kinflow {
namespace {

DosageEncoding Units(uint32_t units, double bound = 0) {
  return DosageEncoding::ForUnits(units, bound);
}

DosageEncoding Common(std::vector<DosageEncoding> encodings) { return CommonEncoding(encodings); }

TEST(ValueMap, CommonGrid) {
  EXPECT_EQ(Common({Units(1), Units(1)}), Units(1));
  EXPECT_EQ(Common({Units(1), Units(1000)}), Units(1000));
  EXPECT_EQ(Common({Units(1000), Units(10000)}), Units(10000));
  EXPECT_EQ(Common({Units(16384), Units(1)}), Units(16384));
  EXPECT_EQ(Common({Units(100), Units(255)}), Units(5100));
  EXPECT_EQ(Common({Units(1000, 0.001), Units(1)}), Units(1000, 0.001));
  // 255 and 1000 need 51,000 units: rounded, and it says by how much.
  EXPECT_EQ(Common({Units(255), Units(1000)}), Units(16384, 0.5 / 16384));
  EXPECT_EQ(Common({Units(16384, 0.25), Units(1000)}), Units(16384, 0.25));
  EXPECT_EQ(Common({Units(32767), Units(32766), Units(32765)}).units_per_copy, 16384u);
}

uint32_t ValueAt(const DosageEncoding& e, const std::vector<uint8_t>& row, size_t i) {
  if (e.layout == DosageEncoding::Layout::kU8) return row[i];
  uint16_t v = 0;
  std::memcpy(&v, &row[2 * i], 2);
  return v;
}

std::vector<uint8_t> RowOf(const DosageEncoding& e, const std::vector<uint32_t>& values) {
  std::vector<uint8_t> row;
  for (const uint32_t v : values) {
    row.push_back(static_cast<uint8_t>(v));
    if (e.layout == DosageEncoding::Layout::kU16) row.push_back(static_cast<uint8_t>(v >> 8));
  }
  return row;
}

TEST(ValueMap, EveryValueInEitherDirection) {
  const std::vector<std::pair<DosageEncoding, DosageEncoding>> pairs = {
      {Units(1), Units(1)},
      {Units(1), Units(1000)},
      {Units(100), Units(1000)},
      {Units(1000), Units(10000)},
      {Units(255), Units(16384, 0.5 / 16384)},
      {Units(1000), Units(1000)}};
  for (const auto& [from, to] : pairs) {
    std::vector<uint32_t> values;
    for (uint32_t v = 0; v <= 2 * from.units_per_copy; ++v) values.push_back(v);
    values.push_back(from.missing());
    const auto n = static_cast<uint32_t>(values.size());
    const auto in = RowOf(from, values);
    std::vector<uint8_t> out(to.RowBytes(n)), turned(to.RowBytes(n));
    const ValueMap map(from, to);
    map.Apply(in.data(), n, false, nullptr, out.data());
    map.Apply(in.data(), n, true, nullptr, turned.data());
    const double tolerance = to.error_bound + 1e-12;
    for (uint32_t i = 0; i + 1 < n; ++i) {
      const double exact = static_cast<double>(values[i]) / from.units_per_copy;
      const double as_is = static_cast<double>(ValueAt(to, out, i)) / to.units_per_copy;
      const double other = static_cast<double>(ValueAt(to, turned, i)) / to.units_per_copy;
      ASSERT_NEAR(as_is, exact, tolerance);
      ASSERT_NEAR(other, 2 - exact, tolerance);
      ASSERT_EQ(ValueAt(to, out, i) + ValueAt(to, turned, i), 2 * to.units_per_copy);
    }
    EXPECT_EQ(ValueAt(to, out, n - 1), to.missing());
    EXPECT_EQ(ValueAt(to, turned, n - 1), to.missing());
  }
}

TEST(ValueMap, HaploidCallsHaveOneCopyToTurn) {
  const ValueMap map(Units(1), Units(1000));
  const std::vector<uint8_t> in = {0, 1, 255, 0, 1, 2};
  const std::vector<uint8_t> flags = {1, 1, 1, 0, 0, 0};
  const DosageEncoding to = Units(1000);
  std::vector<uint8_t> out(to.RowBytes(6));
  map.Apply(in.data(), 6, true, flags.data(), out.data());
  const std::vector<uint32_t> expected = {1000, 0, 65535, 2000, 1000, 0};
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(ValueAt(to, out, i), expected[i]) << i;
  map.Apply(in.data(), 6, false, flags.data(), out.data());
  EXPECT_EQ(ValueAt(to, out, 1), 1000u);
}

TEST(ValueMap, PhaseOfTurnedCalls) {
  const DosageEncoding e = Units(1);
  const ValueMap map(e, e);
  // 0|1, 1|0, 0|0, 1|1, 0/1, .|., haploid 1
  const std::vector<uint8_t> in = {1, 1, 0, 2, 1, 255, 1};
  std::vector<uint8_t> flags = {2, 6, 2, 2, 0, 2, 3}, out(7);
  map.Apply(in.data(), 7, true, flags.data(), out.data());
  EXPECT_EQ(out, (std::vector<uint8_t>{1, 1, 2, 0, 1, 255, 0}));
  map.TurnFlags(out.data(), 7, flags.data());
  EXPECT_EQ(flags, (std::vector<uint8_t>{6, 2, 2, 2, 0, 2, 3}));
}

}  // namespace
}  // namespace kinflow
