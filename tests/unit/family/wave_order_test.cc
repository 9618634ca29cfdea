// Waves in time, whatever their names.
#include "stages/family/wave_order.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace kinflow::family::test {
namespace {

using Names = std::vector<std::string>;

std::vector<uint32_t> RowsTo(size_t n) {
  std::vector<uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), uint32_t{0});
  return rows;
}

// Person 0 has no first wave, so that the second one comes first.
TEST(WaveOrder, NamesGoAsInTheRowsOfMostPeople) {
  const Table::Strings waves{"m12", "y3", "w8", "m12", "w8", "m12", "y3"};
  const std::vector<int64_t> people{0, 0, 1, 1, 2, 2, 2};
  EXPECT_EQ(WavesInTime(waves, RowsTo(7), people), (Names{"w8", "m12", "y3"}));
}

// A table with one wave below the other.
TEST(WaveOrder, RowsOfAWaveMayStandTogether) {
  const Table::Strings waves{"w8", "w8", "w8", "m12", "m12"};
  EXPECT_EQ(WavesInTime(waves, RowsTo(5), {0, 1, 2, 2, 0}), (Names{"w8", "m12"}));
  EXPECT_EQ(WavesInTime(waves, RowsTo(5), {}), (Names{"w8", "m12"}));
}

TEST(WaveOrder, WhatNobodyTellsIsAsItComes) {
  const Table::Strings waves{"b", "a", "NA", "c", "a", "b"};
  EXPECT_EQ(WavesInTime(waves, RowsTo(6), {}), (Names{"b", "a", "c"}));
  // One person each way, and rows of nobody.
  EXPECT_EQ(WavesInTime(waves, RowsTo(6), {0, 0, 0, -1, 1, 1}), (Names{"b", "a", "c"}));
  EXPECT_EQ(WavesInTime(waves, {1, 3, 4}, {}), (Names{"a", "c"}));
  const Table::Strings circle{"a", "b", "b", "c", "c", "a"};
  EXPECT_EQ(WavesInTime(circle, RowsTo(6), {0, 0, 1, 1, 2, 2}), (Names{"a", "b", "c"}));
}

TEST(WaveOrder, NumbersGoByValue) {
  EXPECT_EQ(WavesInTime(Table::Doubles{12, 8, std::nan(""), 2.5, 8}, RowsTo(5), {0, 0, 0, 0, 0}),
            (Names{"2.5", "8", "12"}));
  EXPECT_EQ(WavesInTime(Table::Ints{12, Table::kMissingInt, 8}, RowsTo(3), {}), (Names{"8", "12"}));
}

TEST(WaveOrder, AReferenceComesFirst) {
  ModelFrame frame;
  frame.columns.Add("wave", Table::Strings{"w8", "m12", "y3"});
  EXPECT_EQ(WaveLevels(frame, "wave", RowsTo(3), {}), (Names{"w8", "m12", "y3"}));
  frame.reference["wave"] = "y3";
  EXPECT_EQ(WaveLevels(frame, "wave", RowsTo(3), {}), (Names{"y3", "w8", "m12"}));
}

}  // namespace
}  // namespace kinflow::family::test
