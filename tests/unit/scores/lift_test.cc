// Lift-over against the catalogue's pairs of files and small chains written here.

#include "stages/scores/lift.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Thrown;
using test::WriteFile;

/// Positions of a score file by variant id.
std::map<std::string, std::pair<std::string, uint32_t>> PlacesOf(const std::string& path) {
  std::map<std::string, std::pair<std::string, uint32_t>> places;
  ScoreFileReader reader(path);
  ScoreLine row;
  while (reader.Next(row)) places[std::string(row.id)] = {std::string(row.chrom), row.pos};
  return places;
}

void ExpectLifted(const std::string& chain, const std::string& from, const std::string& to,
                  const std::string& build) {
  const auto expected = PlacesOf(to);
  const Lift lift(chain, build, 0.95);
  ScoreFileReader reader(from);
  EXPECT_NE(lift.build(), reader.build());
  ScoreLines lines;
  const std::string told = lift.Append(reader, reader.build(), from, true, false, lines);
  EXPECT_NE(told.find("positions lifted from"), std::string::npos);
  ASSERT_EQ(lines.size(), expected.size());
  EXPECT_EQ(lines.scores()[0].build, build);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto& [chrom, pos] = expected.at(std::string(lines.id(i)));
    EXPECT_EQ(lines.chrom(i), chrom) << lines.id(i);
    EXPECT_EQ(lines.pos(i), pos) << lines.id(i);
  }
}

TEST(Lift, CatalogueFilesInBothDirections) {
  KINFLOW_REQUIRE_DATA(up, "pygscatalog/hg19ToHg38.over.chain.gz");
  KINFLOW_REQUIRE_DATA(down, "pygscatalog/hg38ToHg19.over.chain.gz");
  KINFLOW_REQUIRE_DATA(on37, "pygscatalog/lift_to_grch38.txt");
  KINFLOW_REQUIRE_DATA(on38, "pygscatalog/lift_to_grch37.txt");
  ExpectLifted(up, on37, on38, "GRCh38");
  ExpectLifted(down, on38, on37, "GRCh37");
}

TEST(Lift, CustomPair) {
  KINFLOW_REQUIRE_DATA(up, "pygscatalog/hg19ToHg38.over.chain.gz");
  KINFLOW_REQUIRE_DATA(down, "pygscatalog/hg38ToHg19.over.chain.gz");
  const ChainFile to38(up), to37(down);
  EXPECT_EQ(to38.from(), "GRCh37");
  EXPECT_EQ(to38.to(), "GRCh38");
  for (const auto& [a, b] : std::map<uint32_t, uint32_t>{{4859488, 4799428}, {5297845, 5237785}}) {
    EXPECT_EQ(to38.Lift("1", a)->pos, b);
    EXPECT_EQ(to37.Lift("1", b)->pos, a);
  }
  EXPECT_FALSE(to38.Lift("1", 1));  // the telomere is in no chain
  EXPECT_FALSE(to38.Lift("99", 1000));
}

// Two chains over chr1: 0-99 to chr2 on the other strand with a gap, 50-59 to chr3 with less score.
constexpr char kChains[] =
    "# comment\nchain 1000 chr1 200 + 0 100 chr2 300 - 10 100 1\n40 20 10\n40\n\n"
    "chain 10 chr1 200 + 30 60 chr3 300 + 0 30 2\n30\n";

TEST(Lift, BestChainGapsAndReversedStrands) {
  const ChainFile chains(WriteFile("small.chain", kChains));
  const auto first = chains.Lift("1", 1);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->chrom, "2");
  EXPECT_EQ(first->pos, 290u);  // 300 - 10
  EXPECT_TRUE(first->reversed);
  EXPECT_EQ(chains.Lift("1", 40)->pos, 251u);
  EXPECT_EQ(chains.Lift("1", 41)->chrom, "3");  // the better chain has a gap there
  EXPECT_EQ(chains.Lift("1", 41)->pos, 11u);
  EXPECT_EQ(chains.Lift("1", 61)->pos, 240u);
  EXPECT_EQ(chains.Lift("1", 100)->pos, 201u);
  EXPECT_FALSE(chains.Lift("1", 101));
  EXPECT_EQ(chains.from(), "");
}

ScoreFileReader ScoreOn37(const std::string& rows) {
  return ScoreFileReader(WriteFile(
      "s.txt",
      "#genome_build=GRCh37\nchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n" +
          rows));
}

TEST(Lift, ReversedLinesGetTheReverseComplement) {
  const Lift lift(WriteFile("small.chain", kChains), "GRCh38", 0.5);
  ScoreFileReader reader = ScoreOn37("1\t1\tA\tC\t1\n1\t41\tAC\tA\t2\n1\t150\tA\tC\t3\n");
  ScoreLines lines;
  EXPECT_EQ(lift.Append(reader, reader.build(), "s.txt", false, false, lines),
            "s.txt: 2 of 3 positions lifted from GRCh37 to GRCh38");
  EXPECT_EQ(lines.effect_allele(0), "T");
  EXPECT_EQ(lines.other_allele(0), "G");
  EXPECT_EQ(lines.effect_allele(1), "AC");
  EXPECT_EQ(lines.pos(2), 0u);  // no place: the line is there and counts as lost
  EXPECT_EQ(lines.scores()[0].entries.size(), 3u);
}

// Bases 1, 2, 3 of chr1 are 290, 289, 288 of chr2. A change of two bases keeps them; an insertion
// is written behind the base that then stands before it, which only the genotypes know.
TEST(Lift, OnReversedChainsTheLastBaseIsTheFirst) {
  const Lift lift(WriteFile("small.chain", kChains), "GRCh38", 1);
  ScoreFileReader reader = ScoreOn37(
      "1\t1\tAC\tGT\t1\n1\t2\tG\tGCT\t1\n1\t3\tCAT\tC\t1\n1\t4\tA\t\t1\n1\t5\tAC\t\t1\n"
      "1\t6\tD\tI\t1\n1\t41\tG\tGCT\t1\n1\t40\tAC\tGT\t1\n");
  ScoreLines lines;
  EXPECT_EQ(lift.Append(reader, reader.build(), "s.txt", false, false, lines),
            "s.txt: 3 of 8 positions lifted from GRCh37 to GRCh38; 5 lie on a reversed chain and "
            "insert or delete bases: where they begin there is not told, they are left out "
            "(lifted_indel)");
  EXPECT_EQ(lines.pos(0), 289u);
  EXPECT_EQ(lines.effect_allele(0), "GT");
  EXPECT_EQ(lines.other_allele(0), "AC");
  EXPECT_EQ(lines.pos(3), 287u);
  EXPECT_EQ(lines.effect_allele(3), "T");
  for (const size_t lost : {1u, 2u, 4u, 5u, 7u}) {  // the last lies across a gap of the chain
    EXPECT_EQ(lines.problem(lost), RowProblem::kLiftedIndel) << lost;
    EXPECT_EQ(lines.pos(lost), 0u) << lost;
  }
  EXPECT_EQ(lines.pos(6), 11u);  // on chr3, not reversed
  EXPECT_EQ(lines.effect_allele(6), "G");
  // Lost lines are no lines of a kind that fails the score.
  VariantTable target;
  target.Append("2", 287, "v", "T", "C");
  target.Append("2", 289, "w", "AC", "GT");
  MatchFinder found(lines, MatchBy::kPosition);
  test::MemoryTarget source(target, {});
  for (TargetShard part; source.NextShard(part);) found.Add(part);
  found.Finish();
  MatchRules rules;
  rules.min_overlap = 0.25;
  const ScoreMatch match = LabelScore(lines, 0, found, rules);
  EXPECT_TRUE(match.pass) << match.message;
  EXPECT_EQ(match.matched, 2u);
  EXPECT_EQ(match.unsupported, 0u);
  EXPECT_EQ(ReasonOf(match.log[1], 1, lines, found, rules), "lifted_indel");
}

TEST(Lift, Faults) {
  const Lift strict(WriteFile("small.chain", kChains), "GRCh38", 0.95);
  ScoreFileReader reader = ScoreOn37("1\t1\tA\tC\t1\n1\t150\tA\tC\t3\n");
  ScoreLines lines;
  const Error few =
      Thrown([&] { strict.Append(reader, reader.build(), "s.txt", false, false, lines); });
  EXPECT_EQ(few.id(), ErrorId::kBuildMismatch);
  EXPECT_NE(few.message().find("1 of 2"), std::string::npos);
  EXPECT_NE(few.remedy().find("scores.liftover.min_share"), std::string::npos);
  const auto fault = [](const std::string& text) {
    return Thrown([&] { ChainFile(WriteFile("bad.chain", text)); });
  };
  const std::string head = "chain 1 chr1 200 + 0 100 chr2 300 + 0 100 1\n";
  const std::map<std::string, uint64_t> bad = {{head + "50\n", 2},
                                               {head + "50 5 5\n", 2},
                                               {head + "x\n", 2},
                                               {head + "0 1 1\n", 2},
                                               {head + "101\n", 2},
                                               {head + head, 2},
                                               {"50\n", 1},
                                               {"chain 1 chr1 50 + 0 100 chr2 300 + 0 100 1\n", 1},
                                               {"chain 1 chr1 200 + 0 100 chr2\n", 1},
                                               {"", 0}};
  for (const auto& [text, line] : bad) {
    const Error e = fault(text);
    EXPECT_EQ(e.id(), ErrorId::kMalformed) << text;
    EXPECT_EQ(e.line(), line) << text;
    EXPECT_FALSE(e.remedy().empty());
  }
  KINFLOW_REQUIRE_DATA(down, "pygscatalog/hg38ToHg19.over.chain.gz");
  EXPECT_EQ(Thrown([&] { Lift(down, "GRCh38", 0.95); }).id(), ErrorId::kBuildMismatch);
}

}  // namespace
}  // namespace kinflow
