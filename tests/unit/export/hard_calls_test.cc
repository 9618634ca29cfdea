#include "stages/export/hard_calls.h"

#include <gtest/gtest.h>

#include <array>

namespace kinflow {
namespace {

constexpr uint8_t kNone = HardCalls::kNoCall;

TEST(HardCalls, TheThresholdItselfIsCalled) {
  const HardCalls calls(DosageEncoding::ForUnits(1000), 0.1);
  const std::array<std::pair<uint16_t, uint8_t>, 11> expected = {{{0, 0},
                                                                  {100, 0},
                                                                  {101, kNone},
                                                                  {500, kNone},
                                                                  {899, kNone},
                                                                  {900, 1},
                                                                  {1100, 1},
                                                                  {1101, kNone},
                                                                  {1900, 2},
                                                                  {2000, 2},
                                                                  {UINT16_MAX, kNone}}};
  for (const auto& [value, copies] : expected) EXPECT_EQ(calls.Diploid(value), copies) << value;
}

TEST(HardCalls, HaploidTakesTheNearerAllele) {
  const HardCalls calls(DosageEncoding::ForUnits(1000), 0.1);
  EXPECT_EQ(calls.Haploid(500), 0);
  EXPECT_EQ(calls.Haploid(501), 1);
  EXPECT_EQ(calls.Haploid(1000), 1);
  EXPECT_EQ(calls.Haploid(UINT16_MAX), kNone);
}

TEST(HardCalls, RowsOfEveryLayout) {
  DosageTile tile;
  std::array<uint16_t, 6> out{};
  const std::array<uint16_t, 6> expected = {0, 1, 2, UINT16_MAX, 2, 1};
  tile.Shape(6, {DosageEncoding::Layout::kTwoBit, 1, 0}, 2);
  tile.Row(1)[0] = 0 | 1 << 2 | 2 << 4 | 3 << 6;
  tile.Row(1)[1] = 2 | 1 << 2;
  RowValues(tile, 1, out.data());
  EXPECT_EQ(out, expected);
  tile.Shape(6, DosageEncoding::ForUnits(1), 2);
  for (int s = 0; s < 6; ++s) tile.Row(1)[s] = expected[s] == UINT16_MAX ? 255 : expected[s];
  RowValues(tile, 1, out.data());
  EXPECT_EQ(out, expected);
  tile.Shape(6, DosageEncoding::ForUnits(1000), 2);
  for (int s = 0; s < 6; ++s) tile.RowU16(1)[s] = expected[s];
  RowValues(tile, 1, out.data());
  EXPECT_EQ(out, expected);
}

}  // namespace
}  // namespace kinflow
