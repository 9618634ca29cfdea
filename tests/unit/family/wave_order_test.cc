// Waves in time, whatever their names.
#include "stages/family/wave_order.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "stages/family/people.h"

namespace kinflow::family::test {
namespace {

using Names = std::vector<std::string>;

std::vector<uint32_t> RowsTo(size_t n) {
  std::vector<uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), uint32_t{0});
  return rows;
}

// Person 0 has no first wave, so that the second one comes first.
Names InTime(const Table::Column& column, const std::vector<uint32_t>& rows,
             const std::vector<int64_t>& people) {
  return WavesInTime(column, rows, people).names;
}

TEST(WaveOrder, NamesGoAsInTheRowsOfMostPeople) {
  const Table::Strings waves{"m12", "y3", "w8", "m12", "w8", "m12", "y3"};
  const std::vector<int64_t> people{0, 0, 1, 1, 2, 2, 2};
  EXPECT_EQ(InTime(waves, RowsTo(7), people), (Names{"w8", "m12", "y3"}));
}

// A table with one wave below the other.
TEST(WaveOrder, RowsOfAWaveMayStandTogether) {
  const Table::Strings waves{"w8", "w8", "w8", "m12", "m12"};
  EXPECT_EQ(InTime(waves, RowsTo(5), {0, 1, 2, 2, 0}), (Names{"w8", "m12"}));
  EXPECT_EQ(InTime(waves, RowsTo(5), {}), (Names{"w8", "m12"}));
}

TEST(WaveOrder, WhatNobodyTellsIsAsItComes) {
  const Table::Strings waves{"b", "a", "NA", "c", "a", "b"};
  EXPECT_EQ(InTime(waves, RowsTo(6), {}), (Names{"b", "a", "c"}));
  // One person each way, and rows of nobody.
  EXPECT_EQ(InTime(waves, RowsTo(6), {0, 0, 0, -1, 1, 1}), (Names{"b", "a", "c"}));
  EXPECT_EQ(InTime(waves, {1, 3, 4}, {}), (Names{"a", "c"}));
  const Table::Strings circle{"a", "b", "b", "c", "c", "a"};
  EXPECT_EQ(InTime(circle, RowsTo(6), {0, 0, 1, 1, 2, 2}), (Names{"a", "b", "c"}));
}

TEST(WaveOrder, NumbersGoByValue) {
  EXPECT_EQ(InTime(Table::Doubles{12, 8, std::nan(""), 2.5, 8}, RowsTo(5), {0, 0, 0, 0, 0}),
            (Names{"2.5", "8", "12"}));
  EXPECT_EQ(InTime(Table::Ints{12, Table::kMissingInt, 8}, RowsTo(3), {}), (Names{"8", "12"}));
}

// Times need no rows; of other names these are all that tells.
TEST(WaveOrder, AnOrderByRowsIsTold) {
  const Table::Strings times{"m12", "w8", "w8", "m12"}, names{"base", "end", "mid", "end"};
  const WaveOrder known = WavesInTime(times, RowsTo(4), {0, 0, 1, 1});
  EXPECT_FALSE(known.by_rows || known.contradicted);
  EXPECT_EQ(OrderWarning("wave", known), "");
  const WaveOrder told = WavesInTime(names, RowsTo(4), {0, 0, 1, 1});
  EXPECT_TRUE(told.by_rows);
  EXPECT_FALSE(told.contradicted);
  EXPECT_EQ(told.fewest_rows, 1u);
  // Names of few rows may be those of people.
  EXPECT_EQ(
      OrderWarning("wave", told),
      "the waves of wave have names that are no times: their order is that of the rows; number "
      "the waves (1, 2, ...) if it is another");
  EXPECT_FALSE(WavesInTime(Table::Strings{"base", "base"}, RowsTo(2), {0, 1}).by_rows);
  EXPECT_EQ(OrderWarning("year", WavesInTime(Table::Ints{2, 1}, RowsTo(2), {0, 0})), "");
}

TEST(WaveOrder, RowsThatContradictEachOtherAreSeen) {
  const Table::Strings pair{"a", "b", "a", "b", "b", "a"}, circle{"a", "b", "b", "c", "c", "a"};
  const std::vector<int64_t> people{0, 0, 1, 1, 2, 2};
  const WaveOrder most = WavesInTime(pair, RowsTo(6), people);
  EXPECT_EQ(most.names, (Names{"a", "b"}));
  EXPECT_TRUE(most.contradicted);
  EXPECT_TRUE(WavesInTime(circle, RowsTo(6), people).contradicted);
  EXPECT_FALSE(WavesInTime(pair, RowsTo(4), people).contradicted);
  EXPECT_FALSE(WavesInTime(pair, RowsTo(6), {}).contradicted);
  EXPECT_NE(OrderWarning("wave", most).find("people have them in different orders"),
            std::string::npos);
}

// A mother has the waves of each pregnancy.
TEST(WaveOrder, WavesOfAPregnancyFollowEachOther) {
  ModelFrame frame;
  EXPECT_TRUE(SeriesOf(frame).empty());
  frame.mother = std::vector<int64_t>{0, 0, 0};
  EXPECT_EQ(SeriesOf(frame), (std::vector<int64_t>{0, 0, 0}));
  frame.pregnancy = std::vector<int64_t>{0, 1, 1};
  EXPECT_EQ(SeriesOf(frame), (std::vector<int64_t>{0, 1, 1}));
  const Table::Strings waves{"end", "base", "end"};
  EXPECT_EQ(InTime(waves, RowsTo(3), SeriesOf(frame)), (Names{"base", "end"}));
}

TEST(WaveOrder, AReferenceComesFirst) {
  ModelFrame frame;
  frame.columns.Add("wave", Table::Strings{"w8", "m12", "y3"});
  EXPECT_EQ(WaveLevels(frame, "wave", RowsTo(3), {}).names, (Names{"w8", "m12", "y3"}));
  frame.reference["wave"] = "y3";
  EXPECT_EQ(WaveLevels(frame, "wave", RowsTo(3), {}).names, (Names{"y3", "w8", "m12"}));
}

}  // namespace
}  // namespace kinflow::family::test
