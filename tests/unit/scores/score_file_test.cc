#include "stages/scores/score_file.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "stages/scores/score_lines.h"
#include "tests/support/test_data.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Thrown;
using test::WriteFile;

struct Read {
  uint64_t rows = 0, positioned = 0;
  std::map<EffectType, int> effects;
  std::map<RowProblem, int> problems;
  std::vector<double> weights;
};

Read ReadAll(const std::string& path) {
  ScoreFileReader reader(path);
  Read out;
  ScoreLine row;
  while (reader.Next(row)) {
    ++out.rows;
    out.positioned += row.pos != 0;
    ++out.effects[row.effect];
    ++out.problems[row.problem];
    for (const auto& [score, w] : row.weights) out.weights.push_back(w);
  }
  return out;
}

Error ErrorOf(const std::string& text) {
  const std::string path = WriteFile("bad.txt", text);
  return Thrown([&] { ReadAll(path); });
}

constexpr char kHeader[] = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n";

// Row counts of the catalogue's files.
TEST(ScoreFile, CatalogueFixtures) {
  for (const auto& [name, rows] :
       std::map<std::string, uint64_t>{{"PGS000001_hmPOS_GRCh37.txt.gz", 77},
                                       {"PGS000001_hmPOS_GRCh38.txt.gz", 77},
                                       {"PGS000002_hmPOS_GRCh37.txt.gz", 77},
                                       {"PGS000002_hmPOS_GRCh38.txt.gz", 77},
                                       {"PGS000001_hmPOS_GRCh37.txt", 77},
                                       {"OPGS017309.txt", 697},
                                       {"OPGS019828.txt", 1},
                                       {"custom.txt", 1},
                                       {"custom_no_oa.txt", 1}}) {
    KINFLOW_REQUIRE_DATA(path, "pygscatalog/" + name);
    Read read = ReadAll(path);
    EXPECT_EQ(read.rows, rows) << name;
    EXPECT_EQ(read.problems[RowProblem::kNone], static_cast<int>(rows)) << name;
    EXPECT_EQ(read.positioned, rows) << name;
  }
}

TEST(ScoreFile, DominantAndRecessive) {
  KINFLOW_REQUIRE_DATA(path, "pygscatalog/PGS000802_hmPOS_GRCh37.txt");
  Read read = ReadAll(path);
  EXPECT_EQ(read.rows, 19u);
  EXPECT_EQ(read.effects[EffectType::kAdditive], 5);
  EXPECT_EQ(read.effects[EffectType::kDominant], 7);
  EXPECT_EQ(read.effects[EffectType::kRecessive], 7);
}

TEST(ScoreFile, NonAdditiveRowsHaveThreeWeights) {
  KINFLOW_REQUIRE_DATA(path, "pygscatalog/PGS004255_hmPOS_GRCh38.txt.gz");
  Read read = ReadAll(path);
  EXPECT_EQ(read.rows, 30u);
  EXPECT_EQ(read.problems[RowProblem::kNone], 30);
  EXPECT_EQ(read.effects[EffectType::kNonAdditive], 30);
  ScoreFileReader reader(path);
  ScoreLine row;
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.by_copies,
            (std::array<double, 3>{-0.09833810000000001, 0.08934160000000001, 0.4437184}));
}

TEST(ScoreFile, ComplexRowsAreMarkedOneByOne) {
  KINFLOW_REQUIRE_DATA(path, "pygscatalog/complex_variants_PGS004239.txt");
  Read read = ReadAll(path);
  EXPECT_EQ(read.rows, 14u);
  EXPECT_EQ(read.problems[RowProblem::kHla], 9);
  EXPECT_EQ(read.problems[RowProblem::kNone], 5);
  KINFLOW_REQUIRE_DATA(other, "pygscatalog/complex_variants_PGS000021.txt");
  EXPECT_EQ(ReadAll(other).problems[RowProblem::kHla], 8);
}

TEST(ScoreFile, FailedHarmonisationKeepsRowsWithoutPosition) {
  KINFLOW_REQUIRE_DATA(path, "pygscatalog/bad_harmonised.txt");
  const Read read = ReadAll(path);
  EXPECT_EQ(read.rows, 3u);
  EXPECT_EQ(read.positioned, 0u);
}

TEST(ScoreFile, RowWithoutPositionOrIdIsAnError) {
  KINFLOW_REQUIRE_DATA(path, "pygscatalog/invalid_scorefile.txt");
  const Error e = Thrown([&] { ReadAll(path); });
  EXPECT_EQ(e.id(), ErrorId::kMalformed);
  EXPECT_EQ(e.line(), 16u);
  EXPECT_EQ(e.field(), "rsID");
}

TEST(ScoreFile, HarmonisedPositionReplacesAuthorsEvenIfEmpty) {
  const std::string path =
      WriteFile("hm.txt",
                "#genome_build=GRCh37\n#HmPOS_build=GRCh38\n"
                "rsID\tchr_name\tchr_position\teffect_allele\teffect_weight\thm_chr\thm_pos\t"
                "hm_inferOtherAllele\n"
                "rs1\t1\t100\tA\t0.5\t1\t200\tG\nrs2\t1\t101\tA\t0.5\t\t\tC/T\n");
  ScoreFileReader reader(path);
  EXPECT_EQ(reader.build(), "GRCh38");
  ScoreLine row;
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.pos, 200u);
  EXPECT_EQ(row.other_allele, "G");
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.pos, 0u);
  EXPECT_EQ(row.other_allele, "");  // several inferred alleles are none
  EXPECT_EQ(row.id, "rs2");
}

TEST(ScoreFile, HeaderDetails) {
  const std::string path = WriteFile(
      "h.txt",
      "###PGS CATALOG SCORING FILE - see a=b\t\t\r\n##POLYGENIC SCORE\r\n#pgs_id=PGS9\t\t\r\n"
      "#citation=https://x.org/?a=b=c\t\r\n#genome_build=hg19\t\r\n"
      "effect_weight\teffect_allele\tchr_position\tchr_name\tmy_column\t\t\r\n"
      "1e-3\ta\t5\tchr23\tx\t\t\r\n");
  ScoreFileReader reader(path);
  EXPECT_EQ(reader.metadata().at("citation"), "https://x.org/?a=b=c");
  EXPECT_EQ(reader.build(), "GRCh37");
  EXPECT_EQ(reader.scores(), std::vector<std::string>{"PGS9"});
  ASSERT_EQ(reader.warnings().size(), 1u);
  EXPECT_NE(reader.warnings()[0].find("my_column"), std::string::npos);
  ScoreLine row;
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.chrom, "X");
  EXPECT_EQ(row.pos, 5u);
  EXPECT_EQ(row.effect_allele, "A");
  EXPECT_EQ(row.weights.at(0).second, 0.001);
  EXPECT_FALSE(reader.Next(row));
}

TEST(ScoreFile, AnotherVersionOfTheFormatIsTold) {
  const auto warnings = [](const std::string& version) {
    const std::string text = "#format_version=" + version + "\t\t\n" + kHeader + "1\t1\tA\tC\t1\n";
    return ScoreFileReader(WriteFile("v.txt", text)).warnings();
  };
  EXPECT_TRUE(warnings("2.0").empty());
  ASSERT_EQ(warnings("3.0").size(), 1u);
  EXPECT_NE(warnings("3.0")[0].find("format_version 3.0"), std::string::npos);
}

TEST(ScoreFile, WeightsKeepEveryDigit) {
  const Read read = ReadAll(WriteFile(
      "w.txt", std::string(kHeader) + "1\t1\tA\tC\t-0.0504139458332669\n1\t2\tA\tC\t-2.76E-02\n"));
  EXPECT_EQ(read.weights, (std::vector<double>{-0.0504139458332669, -2.76e-02}));
}

TEST(ScoreFile, BadWeightsNameLineFieldAndValue) {
  for (const char* weight : {"x", "nan", "inf", "-inf", "0x1p3", "0,5", "", "NA", "1e999", "1 2"}) {
    const Error e = ErrorOf(std::string(kHeader) + "1\t1\tA\tC\t0.1\n1\t2\tA\tC\t" + weight + "\n");
    EXPECT_EQ(e.id(), ErrorId::kMalformed) << weight;
    EXPECT_EQ(e.line(), 3u) << weight;
    EXPECT_EQ(e.field(), "effect_weight") << weight;
    EXPECT_EQ(e.value(), weight);
    EXPECT_FALSE(e.remedy().empty());
    EXPECT_EQ(e.exit_code(), ExitCode::kInput);
  }
}

TEST(ScoreFile, SpreadsheetPositionsAreRefused) {
  for (const char* pos : {"1.04E+08", "1,000,851", "104.0", "-5", "0x10", "99999999999"}) {
    const Error e = ErrorOf(std::string(kHeader) + "1\t" + pos + "\tA\tC\t0.1\n");
    EXPECT_EQ(e.id(), ErrorId::kMalformed) << pos;
    EXPECT_EQ(e.line(), 2u);
    EXPECT_EQ(e.field(), "chr_position");
    EXPECT_EQ(e.value(), pos);
    EXPECT_FALSE(e.remedy().empty());
  }
}

TEST(ScoreFile, HeaderFaults) {
  const auto id = [](const std::string& text) { return ErrorOf(text).id(); };
  EXPECT_EQ(id(""), ErrorId::kFormatUnknown);
  EXPECT_EQ(id("#pgs_id=x\n"), ErrorId::kFormatUnknown);
  EXPECT_EQ(id("1\t1\tA\tC\t0.1\n"), ErrorId::kFormatUnknown);
  const Error no_weight = ErrorOf("chr_name\tchr_position\teffect_allele\tOR\n1\t1\tA\t1.1\n");
  EXPECT_EQ(no_weight.id(), ErrorId::kFormatUnknown);
  EXPECT_EQ(no_weight.field(), "effect_weight");
  EXPECT_NE(no_weight.remedy().find("logarithm"), std::string::npos);
  EXPECT_EQ(id("effect_allele\teffect_weight\nA\t1\n"), ErrorId::kFormatUnknown);
  EXPECT_EQ(id("rsID\teffect_allele\teffect_weight\teffect_weight\nr\tA\t1\t1\n"),
            ErrorId::kFormatUnknown);
  EXPECT_EQ(id("rsID\teffect_allele\tA1\teffect_weight\nr\tA\tA\t1\n"), ErrorId::kFormatUnknown);
  EXPECT_EQ(id("rsID\teffect_allele\tdosage_0_weight\tdosage_1_weight\nr\tA\t1\t1\n"),
            ErrorId::kFormatUnknown);
  // A column of another meaning, or a mistyped name, is not taken for the weight.
  const std::string place = "chr_name\tchr_position\teffect_allele\t";
  for (const char* name : {"pvalue", "se", "n_samples", "info"}) {
    const Error other = ErrorOf(place + name + "\n1\t1\tA\t0.1\n");
    EXPECT_EQ(other.id(), ErrorId::kFormatUnknown) << name;
    EXPECT_EQ(other.field(), "effect_weight") << name;
  }
  const Error mistyped = ErrorOf("#pgs_id=PGS1\n" + place + "wt\n1\t1\tA\t0.1\n");
  EXPECT_EQ(mistyped.id(), ErrorId::kFormatUnknown);
  EXPECT_EQ(mistyped.line(), 2u);
  // The score of each line is named, and yet every unknown column is one.
  const Error both = ErrorOf("accession\trsID\teffect_allele\tone\ttwo\nx\tr\tA\t1\t1\n");
  EXPECT_EQ(both.id(), ErrorId::kFormatUnknown);
  EXPECT_FALSE(both.remedy().empty());
  EXPECT_EQ(id(kHeader), ErrorId::kMalformed);  // no rows
  EXPECT_EQ(Thrown([] { ScoreFileReader("/nonexistent/score.txt"); }).id(), ErrorId::kMissingFile);
}

TEST(ScoreFile, RowFaults) {
  const std::string h =
      "rsID\tchr_name\tchr_position\teffect_allele\teffect_weight\tis_dominant\t"
      "is_recessive\n";
  const Error both = ErrorOf(h + "r\t1\t1\tA\t1\tTrue\tTrue\n");
  EXPECT_EQ(both.id(), ErrorId::kMalformed);
  EXPECT_EQ(both.field(), "is_dominant");
  EXPECT_EQ(ErrorOf(h + "r\t1\t1\tA\t1\tmaybe\t\n").value(), "maybe");
  EXPECT_EQ(ErrorOf(h + "r\t1\t1\t\t1\t\t\n").field(), "effect_allele");
  EXPECT_EQ(ErrorOf(h + "r\t1\t1\tA\n").field(), "effect_weight");  // cut line
  EXPECT_EQ(ErrorOf(h + "r\t1\t1\tA\t1\t\t\textra\n").value(), "extra");
}

TEST(ScoreFile, ProblemsOfSingleRows) {
  const std::string h =
      "rsID\teffect_allele\teffect_weight\tis_haplotype\tis_diplotype\tis_interaction\t"
      "variant_type\n";
  Read read = ReadAll(WriteFile("p.txt", h + "r1\tA\t1\tTRUE\t\t\t\n"
                                             "r2\tA\t1\t\tTRUE\t\t\n"
                                             "r3\tA\t1\t\t\tTRUE\t\n"
                                             "r4\tA\t1\t\t\t\tAPOE_allele\n"
                                             "r5\te4?\t1\t\t\t\t\n"
                                             "r6\tP\t1\t\t\t\t\n"
                                             "r7\tD\t1\t\t\t\t\n"
                                             "r8\tACGT\t1\tFalse\tFalse\tFalse\t\n"));
  EXPECT_EQ(read.problems[RowProblem::kHaplotype], 1);
  EXPECT_EQ(read.problems[RowProblem::kDiplotype], 1);
  EXPECT_EQ(read.problems[RowProblem::kInteraction], 1);
  EXPECT_EQ(read.problems[RowProblem::kHla], 2);
  EXPECT_EQ(read.problems[RowProblem::kNotAnAllele], 1);
  EXPECT_EQ(read.problems[RowProblem::kNone], 2);
}

// effect_weight wins where both are given; otherwise all three dosage weights must be numbers.
TEST(ScoreFile, DosageWeights) {
  const std::string h =
      "rsID\teffect_allele\teffect_weight\tdosage_0_weight\tdosage_1_weight\tdosage_2_weight\n";
  Read read = ReadAll(WriteFile("d.txt", h + "r1\tA\t0.5\t0\t1\t2\nr2\tA\t\t0\t1\t2\n"));
  EXPECT_EQ(read.problems[RowProblem::kNone], 2);
  EXPECT_EQ(read.effects[EffectType::kAdditive], 1);
  EXPECT_EQ(read.effects[EffectType::kNonAdditive], 1);
  EXPECT_EQ(read.weights[0], 0.5);
  EXPECT_TRUE(std::isnan(read.weights[1]));
  EXPECT_EQ(ErrorOf(h + "r2\tA\t\t0\t\t2\n").field(), "dosage_1_weight");
  const Error both = ErrorOf(
      "rsID\teffect_allele\tis_dominant\tdosage_0_weight\tdosage_1_weight\tdosage_2_weight\n"
      "r1\tA\tTrue\t0\t1\t2\n");
  EXPECT_EQ(both.id(), ErrorId::kMalformed);
  EXPECT_EQ(both.line(), 2u);
}

TEST(ScoreFile, WideTablesHoldManyScores) {
  KINFLOW_REQUIRE_DATA(path, "pgsc_calc/multiscore.txt");
  ScoreFileReader reader(path);
  EXPECT_EQ(reader.scores(), (std::vector<std::string>{"PGS001229_22", "second_score"}));
  EXPECT_FALSE(reader.has_positions());
  ScoreLine row;
  uint64_t rows = 0, weights = 0;
  while (reader.Next(row)) {
    ++rows;
    weights += row.weights.size();
  }
  EXPECT_EQ(rows, 829u);
  EXPECT_EQ(weights, 2 * rows);
}

TEST(ScoreFile, WideTablesAreZeroFilled) {
  const std::string path =
      WriteFile("wide.txt", "chr pos ea oa s1 s2\n1 10 A C 0 0.5\n1 11 A C 1 NA\n1 12 G T -1 2\n");
  ScoreFileReader reader(path);
  ScoreLine row;
  std::vector<std::vector<std::pair<uint32_t, double>>> all;
  while (reader.Next(row)) all.push_back(row.weights);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], (std::vector<std::pair<uint32_t, double>>{{1, 0.5}}));
  EXPECT_EQ(all[1], (std::vector<std::pair<uint32_t, double>>{{0, 1}}));
  EXPECT_EQ(all[2].size(), 2u);
}

// The row stands for the other scores of the table.
TEST(ScoreFile, AWeightOfAWideTableThatCannotBeReadIsAFaultOfItsScore) {
  const std::string path =
      WriteFile("cell.txt", "chr pos ea oa s1 s2\n1 9 A C 1 2\n1 10 A C 3 gene\n1 11 A C 4 x\n");
  ScoreFileReader reader(path);
  ScoreLines lines;
  AppendScoreFile(reader, path, false, lines);
  ASSERT_EQ(lines.scores().size(), 2u);
  EXPECT_FALSE(lines.scores()[0].fault);
  EXPECT_EQ(lines.scores()[0].entries.size(), 3u);
  ASSERT_TRUE(lines.scores()[1].fault);
  const Error& e = *lines.scores()[1].fault;  // the first
  EXPECT_EQ(e.id(), ErrorId::kMalformed);
  EXPECT_EQ(e.line(), 3u);
  EXPECT_EQ(e.field(), "s2");
  EXPECT_EQ(e.value(), "gene");
}

TEST(ScoreFile, NormalisedTableWithAccessions) {
  KINFLOW_REQUIRE_DATA(path, "pygscatalog_match/good_match_scorefile.txt");
  ScoreFileReader reader(path);
  ScoreLine row;
  std::map<std::string, int> rows;
  uint32_t largest = 0;
  std::map<EffectType, int> effects;
  while (reader.Next(row)) {
    ++rows[reader.scores()[row.weights.at(0).first]];
    largest = std::max(largest, row.row_nr);
    ++effects[row.effect];
  }
  EXPECT_EQ(rows, (std::map<std::string, int>{{"PGS000001", 77}, {"PGS000002", 78}}));
  EXPECT_EQ(largest, 77u);
  EXPECT_EQ(effects[EffectType::kDominant], 1);
  EXPECT_EQ(effects[EffectType::kRecessive], 1);
}

// Rows that are parsed side by side are those that are parsed one by one.
TEST(ScoreFile, RowsTogetherAreTheSameRows) {
  std::string text = kHeader;
  for (int r = 1; r <= 1300; ++r) {
    text += r % 400 == 0 ? "\n" : fmt::format("{}\t{}\ta\tG\t{}.5\n", 1 + r % 22, r, r);
  }
  const std::string path = WriteFile("rows.txt", text);
  ScoreFileReader one(path), together(path), places(path);
  ScoreRows rows;
  size_t seen = 0;
  while (together.Next(rows)) {
    for (const ScoreLine& row : rows.all()) {
      ScoreLine expected, place;
      ASSERT_TRUE(one.Next(expected));
      ASSERT_TRUE(places.NextPlace(place));
      EXPECT_EQ(row.line, expected.line);
      EXPECT_EQ(row.row_nr, expected.row_nr);
      EXPECT_EQ(row.chrom, expected.chrom);
      EXPECT_EQ(row.pos, expected.pos);
      EXPECT_EQ(row.effect_allele, expected.effect_allele);
      EXPECT_EQ(row.weights, expected.weights);
      EXPECT_EQ(place.chrom, expected.chrom);
      EXPECT_EQ(place.pos, expected.pos);
      ++seen;
    }
  }
  EXPECT_EQ(seen, 1297u);
  ScoreLine row;
  EXPECT_FALSE(one.Next(row));
  EXPECT_FALSE(places.NextPlace(row));
}

// Whichever thread finds a fault, the first row at fault is told, also before a file that is cut.
TEST(ScoreFile, TheFirstFaultOfRowsTogetherIsTold) {
  std::string text = kHeader;
  for (int r = 1; r <= 400; ++r) {
    text += fmt::format("1\t{}\tA\tG\t{}\n", r, r % 97 == 0 ? "x" : "0.5");
  }
  const auto fault_of = [](const std::string& path) {
    return Thrown([&] {
      ScoreFileReader reader(path);
      ScoreRows rows;
      while (reader.Next(rows)) {
      }
    });
  };
  for (int again = 0; again < 5; ++again) {
    EXPECT_EQ(fault_of(WriteFile("faults.txt", text)).line(), 98u);
  }
  const std::string with_nul = text + "1\t500\tA\tG\t" + '\0' + "1\n";
  EXPECT_EQ(fault_of(WriteFile("nul.txt", with_nul)).line(), 98u);
}

}  // namespace
}  // namespace kinflow
