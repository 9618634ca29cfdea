#include "stages/batches/join_pieces.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

namespace kinflow {
namespace {

constexpr float kNoInfo = std::numeric_limits<float>::quiet_NaN();

/// A batch whose shards are lists of "chrom pos REF ALT [alt_freq [info]]".
BatchTable TableOf(const std::string& name, const std::vector<std::vector<std::string>>& shards) {
  BatchTable table;
  table.name = name;
  auto loaded = std::make_shared<std::vector<std::shared_ptr<BatchShard>>>();
  uint64_t row = 0;
  for (const auto& lines : shards) {
    auto shard = std::make_shared<BatchShard>();
    shard->first_row = row;
    for (const auto& line : lines) {
      const auto f = SplitBlanks(line);
      const std::string id = name + std::to_string(row++);
      const float info = f.size() > 5 ? std::stof(std::string(f[5])) : kNoInfo;
      shard->variants.Append(f[0], static_cast<uint32_t>(std::stoul(std::string(f[1]))), id, f[2],
                             f[3], info);
      shard->alt_freq.push_back(f.size() > 4 ? std::stod(std::string(f[4])) : 0.25);
      shard->copies.push_back(f.size() > 4 && f[4] == "nan" ? 0 : 100);
    }
    table.shard_chroms.emplace_back(lines.empty() ? "" : shard->variants.chrom(0));
    loaded->push_back(std::move(shard));
  }
  table.load = [loaded](size_t i) { return (*loaded)[i]; };
  return table;
}

/// "chrom:pos:REF:ALT rows swaps" of each joined variant.
std::vector<std::string> Joined(const std::vector<BatchTable>& tables, size_t piece_rows,
                                std::vector<BatchTotals>* totals = nullptr) {
  BatchJoin join(tables, piece_rows);
  JoinPiece piece;
  std::vector<std::string> out;
  while (join.Next(piece)) {
    EXPECT_GT(piece.variants.size() + piece.left_out.size(), 0u);
    for (size_t r = 0; r < piece.variants.size(); ++r) {
      const VariantTable& v = piece.variants;
      std::string text = std::string(v.chrom(r)) + ":" + std::to_string(v.pos(r)) + ":" +
                         std::string(v.ref(r)) + ":" + std::string(v.alt(r));
      for (size_t b = 0; b < tables.size(); ++b) {
        text += " " + std::to_string(piece.rows[b][r]) + (piece.swapped[b][r] != 0 ? "s" : "");
      }
      out.push_back(text);
    }
  }
  if (totals != nullptr) *totals = join.totals();
  return out;
}

using Lines = std::vector<std::string>;

TEST(JoinPieces, OrderOfTheFirstBatchWhateverTheOthersHave) {
  const std::vector<BatchTable> tables = {
      TableOf("a", {{"2 10 A C", "2 20 A C"}, {"1 5 G T", "1 7 G T"}}),
      TableOf("b", {{"1 5 T G"}, {"1 6 A C", "1 7 G T"}, {"2 10 A C", "2 15 A C"}, {"3 1 A C"}})};
  const Lines expected = {"2:10:A:C 0 3", "1:5:G:T 2 0s", "1:7:G:T 3 2"};
  std::vector<BatchTotals> totals;
  EXPECT_EQ(Joined(tables, 100, &totals), expected);
  EXPECT_EQ(totals[0].variants, 4u);
  EXPECT_EQ(totals[1].variants, 6u);
  EXPECT_EQ(totals[0].common, 3u);
  EXPECT_EQ(totals[0].swapped, 0u);
  EXPECT_EQ(totals[1].swapped, 1u);
  const auto absent = static_cast<size_t>(LeftOut::kAbsentInOther);
  EXPECT_EQ(totals[0].left_out[absent], 1u);
  EXPECT_EQ(totals[1].left_out[absent], 3u);
}

TEST(JoinPieces, PiecesDecideNothing) {
  const std::vector<BatchTable> tables = {
      TableOf("a", {{"1 5 G T", "1 5 G A", "1 7 G T", "1 9 C T"}, {"1 9 C A", "1 11 A C"}}),
      TableOf("b", {{"1 5 A G"}, {"1 5 T G", "1 7 G T", "1 9 C A"}, {}, {"1 9 T C", "1 11 A C"}})};
  const Lines all = Joined(tables, 1000);
  // A position that two shards share is one site.
  const Lines expected = {"1:5:G:T 0 1s", "1:5:G:A 1 0s", "1:7:G:T 2 2",
                          "1:9:C:T 3 4s", "1:9:C:A 4 3",  "1:11:A:C 5 5"};
  EXPECT_EQ(all, expected);
  for (const size_t rows : {1u, 2u, 3u}) EXPECT_EQ(Joined(tables, rows), expected) << rows;
}

TEST(JoinPieces, PseudoautosomalPartOfXUnderEitherName) {
  // plink --split-x puts XY behind X; kinflow names it XY where it lies.
  const std::vector<BatchTable> tables = {
      TableOf("a", {{"XY 100 A C", "X 5000 A C", "XY 9000 A C"}}),
      TableOf("b", {{"X 5000 A C"}, {"Y 3 A C"}, {"XY 100 A C", "XY 9000 C A"}}),
      TableOf("c", {{"X 100 A C", "X 5000 A C", "X 9000 A C"}})};
  const Lines expected = {"XY:100:A:C 0 2 0", "X:5000:A:C 1 0 1", "XY:9000:A:C 2 3s 2"};
  EXPECT_EQ(Joined(tables, 100), expected);
}

TEST(JoinPieces, ABatchThatGoesBackIsRefused) {
  const std::vector<BatchTable> tables = {TableOf("a", {{"1 5 A C", "1 9 A C"}}),
                                          TableOf("late", {{"1 9 A C", "1 5 A C"}})};
  try {
    Joined(tables, 100);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.id(), ErrorId::kVariantOrder);
    EXPECT_NE(e.message().find("batch late"), std::string::npos);
    EXPECT_NE(e.remedy().find("bcftools sort"), std::string::npos);
  }
}

TEST(JoinPieces, WhatIsSaidOfAJoinedVariant) {
  const std::vector<BatchTable> tables = {
      TableOf("a", {{"1 5 A C 0.1 0.9", "1 6 A C 0.1", "1 7 A T 0.4 0.7"}}),
      TableOf("b", {{"1 5 A C 0.2 0.8", "1 6 C A 0.85 0.6", "1 7 T A 0.4 0.7"}})};
  BatchJoin join(tables);
  JoinPiece piece;
  ASSERT_TRUE(join.Next(piece));
  ASSERT_EQ(piece.variants.size(), 3u);
  EXPECT_FLOAT_EQ(piece.variants.info(0), 0.8f);
  EXPECT_FLOAT_EQ(piece.variants.info(1), 0.6f);
  EXPECT_EQ(piece.variants.id(1), "a1");
  EXPECT_NEAR(piece.alt_freq[1][1], 0.15, 1e-12);
  EXPECT_NEAR(piece.alt_freq[1][2], 0.6, 1e-12);
  EXPECT_FALSE(join.Next(piece));
  EXPECT_EQ(join.totals()[1].swapped, 2u);
  EXPECT_EQ(join.totals()[1].swapped_palindromes, 1u);
  EXPECT_EQ(join.totals()[0].frequency_differs, 0u);
}

TEST(JoinPieces, FrequenciesFarApartAreCountedForTheBatchThatDiffers) {
  const std::vector<BatchTable> tables = {
      TableOf("a", {{"1 5 A T 0.1", "1 6 A C 0.1", "1 7 A C nan"}}),
      TableOf("b", {{"1 5 A T 0.1", "1 6 A C 0.2", "1 7 A C 0.9"}}),
      TableOf("c", {{"1 5 A T 0.9", "1 6 A C 0.2", "1 7 A C nan"}})};
  std::vector<BatchTotals> totals;
  ASSERT_EQ(Joined(tables, 100, &totals).size(), 3u);
  // 0.1 against (0.1 + 0.9) / 2, and 0.9 against 0.1; without calls nothing differs.
  EXPECT_EQ(totals[0].frequency_differs, 1u);
  EXPECT_EQ(totals[1].frequency_differs, 1u);
  EXPECT_EQ(totals[2].frequency_differs, 1u);
}

TEST(JoinPieces, NothingInCommon) {
  const std::vector<BatchTable> tables = {TableOf("a", {{"1 5 A C"}}), TableOf("b", {{"2 5 A C"}})};
  std::vector<BatchTotals> totals;
  EXPECT_TRUE(Joined(tables, 100, &totals).empty());
  EXPECT_EQ(totals[0].common, 0u);
  EXPECT_EQ(totals[1].left_out[static_cast<size_t>(LeftOut::kAbsentInOther)], 1u);
}

}  // namespace
}  // namespace kinflow
