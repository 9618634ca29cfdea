// How rows of score files are written: quotes, signs, joined positions.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "stages/scores/score_file.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Thrown;
using test::WriteFile;

constexpr char kHeader[] = "chr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n";

std::vector<double> WeightsOf(const std::string& path) {
  ScoreFileReader reader(path);
  std::vector<double> weights;
  for (ScoreLine row; reader.Next(row);) {
    for (const auto& [score, weight] : row.weights) weights.push_back(weight);
  }
  return weights;
}

Error ErrorOf(const std::string& text) {
  const std::string path = WriteFile("bad.txt", text);
  return Thrown([&] { WeightsOf(path); });
}

// Rows of several variants join their positions; elsewhere that is no position.
TEST(ScoreFile, JoinedPositionsAreThoseOfRowsThatAreRefusedAlone) {
  const std::string h =
      "chr_name\tchr_position\teffect_allele\teffect_weight\tis_interaction\tis_diplotype\n";
  const std::string rows =
      "1\t5\tA\t0.1\tFalse\tFalse\n"
      "1_x_2\t5_x_7\tA_x_G\t0.1\tTrue\tFalse\n"
      "19\t44908684_x_44908822\tC\t0.1\tFalse\tTrue\n";
  ScoreFileReader reader(WriteFile("joined.txt", h + rows));
  ScoreLine row;
  for (const auto& [problem, pos] : {std::pair{RowProblem::kNone, 5u},
                                     {RowProblem::kInteraction, 0u},
                                     {RowProblem::kDiplotype, 0u}}) {
    ASSERT_TRUE(reader.Next(row));
    EXPECT_EQ(row.problem, problem);
    EXPECT_EQ(row.pos, pos);
  }
  ScoreFileReader places(WriteFile("places.txt", h + rows + "1\t9\tA\t0.1\tFalse\tFalse\n"));
  std::vector<uint32_t> positions;
  while (places.NextPlace(row)) positions.push_back(row.pos);
  EXPECT_EQ(positions, (std::vector<uint32_t>{5, 0, 0, 9}));
  EXPECT_EQ(ErrorOf(h + "1\t5_x_7\tA\t0.1\tFalse\tFalse\n").field(), "chr_position");
}

TEST(ScoreFile, WeightsTooSmallForADoubleAreZero) {
  const std::string rows = "1\t1\tA\tC\t1e-400\n1\t2\tA\tC\t+2.5e-999\n1\t3\tA\tC\t-1e-300\n";
  EXPECT_EQ(WeightsOf(WriteFile("tiny.txt", kHeader + rows)), (std::vector<double>{0, 0, -1e-300}));
  EXPECT_EQ(ErrorOf(std::string(kHeader) + "1\t1\tA\tC\t1e400\n").value(), "1e400");
}

TEST(ScoreFile, NamesAreThoseOfFilesWithoutEndings) {
  for (const char* file : {"h1.txt", "h1.txt.gz", "h1.txt.bgz", "h1.tsv.zst"}) {
    const ScoreFileReader reader(WriteFile(file, std::string(kHeader) + "1\t1\tA\tC\t1\n"));
    EXPECT_EQ(reader.scores(), (std::vector<std::string>{"h1"})) << file;
  }
}

// As R writes texts by default.
TEST(ScoreFile, QuotesAroundFieldsAreTakenOff) {
  const std::string plain =
      "rsID,chr_name,chr_position,effect_allele,other_allele,effect_weight\n"
      "rs1,1,10,A,C,0.5\nrs2,X,20,G,T,-0.25\n";
  std::string quoted;
  for (const char c : plain) {
    if (c == ',' || c == '\n') quoted += '"';
    quoted += c;
    if (c == ',' || c == '\n') quoted += '"';
  }
  quoted = '"' + quoted.substr(0, quoted.size() - 1);
  for (const char separator : {',', '\t', ' '}) {
    std::string text = quoted;
    std::replace(text.begin(), text.end(), ',', separator);
    ScoreFileReader with(WriteFile("quoted.txt", text)), without(WriteFile("bare.txt", plain));
    ScoreLine a, b;
    while (without.Next(b)) {
      ASSERT_TRUE(with.Next(a));
      EXPECT_EQ(a.id, b.id);
      EXPECT_EQ(a.chrom, b.chrom);
      EXPECT_EQ(a.pos, b.pos);
      EXPECT_EQ(a.effect_allele, b.effect_allele);
      EXPECT_EQ(a.other_allele, b.other_allele);
      EXPECT_EQ(a.weights, b.weights);
    }
    EXPECT_FALSE(with.Next(a));
  }
  EXPECT_EQ(WeightsOf(WriteFile("text.txt",
                                "rsID\tlocus_name\teffect_allele\teffect_weight\n"
                                "rs1\t\"APOE\" region\tC\t0.5\n")),
            std::vector<double>{0.5});
  const Error cut = ErrorOf("rsID,effect_allele,effect_weight\n\"rs1,A\",C,0.5\n");
  EXPECT_EQ(cut.line(), 2u);
  EXPECT_NE(cut.message().find("quote"), std::string::npos);
}

TEST(ScoreFile, WeightsMayHaveAPlusSign) {
  EXPECT_EQ(WeightsOf(WriteFile("plus.txt", std::string(kHeader) + "1\t5\tA\tC\t+0.5\n")),
            std::vector<double>{0.5});
  EXPECT_EQ(WeightsOf(WriteFile("plink.txt", "rs1 A +0.5\nrs2 C -1\n")),
            (std::vector<double>{0.5, -1}));
  for (const char* weight : {"+", "+-1", "++1"}) {
    EXPECT_EQ(ErrorOf(std::string(kHeader) + "1\t5\tA\tC\t" + weight + "\n").field(),
              "effect_weight");
  }
}

// In a table of PLINK it is an allele that no variant has; plink2 --score leaves the line out.
TEST(ScoreFile, NIsPresenceInCatalogueFilesAlone) {
  VariantTable target;
  target.Append("1", 10, "r1", "A", "C");
  target.Append("1", 20, "r2", "A", "C");
  MatchRules rules;
  rules.min_overlap = 0.5;
  const auto tried = [&](const std::string& text) {
    const auto m = test::MatchText(text, target, rules, MatchBy::kId);
    return m.scores[0].pass ? ReasonOf(m.scores[0].log[1], 1, *m.lines, *m.found, rules)
                            : fmt::format("fails: {}", ReasonOf(m.scores[0].log[1], 1, *m.lines,
                                                                *m.found, rules));
  };
  EXPECT_EQ(tried("r1 A 1\nr2 N 2\n"), "alleles");
  EXPECT_EQ(tried("rsID\teffect_allele\teffect_weight\nr1\tA\t1\nr2\tN\t2\n"), "fails: hla");
}

// An ordinary row may have N for an unknown base: it finds no variant and fails no score.
TEST(ScoreFile, PresenceIsThatOfRowsWhichAreOfHlaInOtherWays) {
  const std::string header =
      "rsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\tlocus_name\t"
      "variant_type\n";
  const std::vector<std::pair<std::string, RowProblem>> rows = {
      {"rs1\t1\t100\tN\tG\t1\tGENE\t", RowProblem::kNone},
      {"rs2\t1\t200\tP\tG\t1\t\t", RowProblem::kNotAnAllele},
      {"rs3\t6\t300\tP\tN\t1\t\t", RowProblem::kHla},
      {"HLA_B_57\t6\t400\tN\t\t1\t\t", RowProblem::kHla},
      {"AA_DRB1_11_32660115_S\t6\t500\tP\t\t1\t\t", RowProblem::kHla},
      {"x\t6\t600\tN\t\t1\tHLA-B\t", RowProblem::kHla},
      {"x\t6\t700\tN\t\t1\t\tHLA_serotype", RowProblem::kHla},
      {"x\t\t\tN\tG\t1\t\t", RowProblem::kHla}};
  std::string text = header;
  for (const auto& [line, problem] : rows) text += line + "\n";
  ScoreFileReader reader(WriteFile("presence.txt", text));
  ScoreLine row;
  for (const auto& expected : rows) {
    ASSERT_TRUE(reader.Next(row));
    EXPECT_EQ(row.problem, expected.second) << expected.first;
  }
}

TEST(ScoreFile, NumberOfRowsOtherThanStatedIsTold) {
  const auto told = [](const std::string& number) {
    const std::string rows = "1\t1\tA\tC\t1\n\n1\t2\tA\tC\t1\n";
    ScoreFileReader reader(
        WriteFile("n.txt", "#variants_number=" + number + "\n" + kHeader + rows));
    ScoreRows read;
    while (reader.Next(read)) continue;
    return reader.LengthWarning();
  };
  EXPECT_EQ(told("2"), "");
  EXPECT_EQ(told("2\t\t"), "");  // as spreadsheet programs leave it
  EXPECT_EQ(told("NR"), "");
  EXPECT_EQ(told("3"),
            "n.txt: its header states 3 variants (variants_number), it has 2 rows: if it was cut "
            "off, fetch it again");
  EXPECT_EQ(told("1"), "n.txt: its header states 1 variants (variants_number), it has 2 rows");
}

}  // namespace
}  // namespace kinflow
