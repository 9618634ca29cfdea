// Weight tables of other tools: the same three lines in each form, written here by hand.

#include "stages/scores/score_layout.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stages/scores/score_lines.h"
#include "tests/unit/scores/support.h"

namespace kinflow {
namespace {

using test::Thrown;
using test::WriteFile;

struct Line {
  std::string chrom;
  uint32_t pos = 0;
  std::string id, effect, other;
  double weight = 0;
  uint64_t line = 0;
  bool operator==(const Line& o) const {
    return chrom == o.chrom && pos == o.pos && id == o.id && effect == o.effect &&
           other == o.other && weight == o.weight;
  }
};

std::vector<Line> ReadAll(const std::string& text, const ScoreReading& reading,
                          const std::string& name = "table.txt") {
  ScoreFileReader reader(WriteFile(name, text), reading);
  std::vector<Line> lines;
  ScoreLine row;
  while (reader.Next(row)) {
    lines.push_back({std::string(row.chrom), row.pos, std::string(row.id),
                     std::string(row.effect_allele), std::string(row.other_allele),
                     row.weights.at(0).second, row.line});
  }
  return lines;
}

ScoreReading Layout(const std::string& name) {
  ScoreReading reading;
  reading.layout = name;
  return reading;
}

ScoreReading Columns(std::map<std::string, std::string> columns) {
  ScoreReading reading;
  reading.columns = std::move(columns);
  return reading;
}

const std::vector<Line> kLines = {{"1", 100, "rs1", "A", "G", 0.25},
                                  {"2", 200, "rs2", "C", "T", -1.5e-3},
                                  {"22", 300, "rs3", "AT", "A", 0}};

TEST(ScoreLayout, EveryToolsTableGivesTheSameLines) {
  const std::map<std::string, std::string> tables = {
      {"prs-cs",
       "1\trs1\t100\tA\tG\t2.5e-01\n2\trs2\t200\tC\tT\t-1.5e-03\n22\trs3\t300\tAT\tA\t0\n"},
      {"prsice",
       "SNP CHR BP A1 A2 P BETA\nrs1 1 100 A G 0.1 0.25\nrs2 2 200 C T 1 -0.0015\n"
       "rs3  22 300 AT A 0.5 0\n"},
      {"ldpred",
       "chrom    pos    sid    nt1    nt2    raw_beta     ldpred_beta\n"
       "chrom_1  100  rs1  A  G  9  0.25\nchrom_2  200  rs2  C  T  9  -0.0015\n"
       "chrom_22  300  rs3  AT  A  9  0\n"},
      {"ldpred2",
       "chr,pos,rsid,a0,a1,beta,beta_se,beta_auto\n1,100,rs1,G,A,9,1,0.25\n2,200,rs2,T,C,9,1,"
       "-0.0015\n22,300,rs3,A,AT,9,1,0\n"},
      {"sbayesr",
       "    Id   Name Chrom Position A1 A2 A1Frq A1Effect SE PIP\n"
       "     1   rs1  1     100      A  G  0.3   0.25 0.1 1\n"
       "     2   rs2  2     200      C  T  0.4   -0.0015 0.1 0.2\n"
       "     3   rs3  22    300      AT A  0.5   0 0.1 0\n"},
      {"omicspred",
       "#omicspred_id=OPGS1\nrsid\tchr\tpos\teffect_allele\tother_allele\teffect\n"
       "rs1\t1\t100\tA\tG\t0.25\nrs2\t2\t200\tC\tT\t-0.0015\nrs3\t22\t300\tAT\tA\t0\n"}};
  for (const auto& [name, text] : tables) {
    EXPECT_EQ(ReadAll(text, Layout(name)), kLines) << name;
  }
  const auto plink = ReadAll("rs1 A 0.25\nrs2\tC -0.0015\nrs3 AT 0\n", Layout("plink"));
  ASSERT_EQ(plink.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(plink[i].id, kLines[i].id);
    EXPECT_EQ(plink[i].effect, kLines[i].effect);
    EXPECT_EQ(plink[i].weight, kLines[i].weight);
    EXPECT_EQ(plink[i].line, i + 1);
  }
  EXPECT_EQ(LayoutNames().size(), tables.size() + 1);
}

// Headers as the tools' manuals show them, with nothing said.
TEST(ScoreLayout, AHeaderThatOneToolAloneWritesIsRecognised) {
  const std::map<std::string, std::string> tables = {
      {"ldpred",
       "chrom    pos    sid    nt1    nt2    raw_beta     ldpred_beta\n"
       "chrom_1  100  rs1  A  G  9  0.25\n"},
      {"ldpred2", "chr\tpos\trsid\ta0\ta1\tbeta\tbeta_auto\n1\t100\trs1\tG\tA\t9\t0.25\n"},
      {"sbayesr",
       " Id Name Chrom Position A1 A2 A1Frq A1Effect SE PIP\n"
       "  1  rs1  1  100  A  G  0.3  0.25  0.1  1\n"}};
  for (const auto& [name, text] : tables) {
    EXPECT_EQ(ReadAll(text, {}), std::vector<Line>{kLines[0]}) << name;
    const ScoreFileReader reader(WriteFile("t.snpRes", text));
    EXPECT_EQ(reader.scores(), std::vector<std::string>{"t"}) << name;
    ASSERT_EQ(reader.warnings().size(), 1u) << name;
    EXPECT_NE(reader.warnings()[0].find("layout " + name), std::string::npos);
  }
  const std::string rc =
      "Index Name Chrom Position A1 A2 A1Frq A1Effect SE VarExplained PEP\n"
      "1 rs1 1 100 A G 0.3 0.25 0.1 0.01 1\n";
  EXPECT_EQ(ReadAll(rc, {}), std::vector<Line>{kLines[0]});
}

TEST(ScoreLayout, StatisticsAreNoWeightsAndWhatIsTakenForThemIsTold) {
  const std::string text =
      "rsid\tchr\tpos\teffect_allele\tother_allele\tINFO\tN_eff\tpip\tweight_EUR\tweight_AFR\n"
      "rs1\t1\t100\tA\tG\t.99\t10000\t.3\t0.25\t.2\n";
  ScoreFileReader reader(WriteFile("ann.txt", text));
  EXPECT_EQ(reader.scores(), (std::vector<std::string>{"weight_EUR", "weight_AFR"}));
  ASSERT_EQ(reader.warnings().size(), 1u);
  const std::string& told = reader.warnings()[0];
  for (const char* part : {"weight_EUR, weight_AFR", "not INFO, N_eff, pip", "--columns"}) {
    EXPECT_NE(told.find(part), std::string::npos) << part << ": " << told;
  }
  ScoreLine row;
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.weights, (std::vector<std::pair<uint32_t, double>>{{0, 0.25}, {1, 0.2}}));
  // The remedy that it names: weights by name or number, all else by the names of the columns.
  const ScoreFileReader both(WriteFile("ann.txt", text),
                             Columns({{"effect_weight", "weight_EUR,weight_AFR"}}));
  EXPECT_EQ(both.scores(), reader.scores());
  EXPECT_TRUE(both.warnings().empty());
  for (const char* one : {"weight_EUR", "9"}) {
    EXPECT_EQ(ReadAll(text, Columns({{"effect_weight", one}})), std::vector<Line>{kLines[0]});
  }
  EXPECT_EQ(Thrown([&] {
              ReadAll(text, Columns({{"effect_weight", "weight_EAS"}}));
            }).id(),
            ErrorId::kColumnMissing);
  EXPECT_NE(Columns({{"effect_weight", "9"}}).ToJson(),
            Columns({{"effect_weight", "10"}}).ToJson());
  // As the tools call them, whatever the case; nothing is left that could be a weight.
  for (const char* name :
       {"N",       "n_eff",      "Neff_half", "PIP",          "PEP",         "INFO",   "SE",
        "BETA_SE", "LOG(OR)_SE", "P",         "P-value",      "p.value",     "LOG10P", "FREQ",
        "A1Frq",   "A1_FREQ",    "A1FREQ",    "Freq1",        "FRQ_A_46350", "MAF",    "T_STAT",
        "CHISQ",   "OBS_CT",     "HetISq",    "VarExplained", "MACH_R2"}) {
    const Error e =
        Thrown([&] { ReadAll(std::string("ID A1 A2 ") + name + "\nrs1 A G 0.5\n", {}); });
    EXPECT_EQ(e.id(), ErrorId::kFormatUnknown) << name;
    EXPECT_EQ(e.field(), "effect_weight") << name;
  }
}

TEST(ScoreLayout, ColumnsByNameAndNumber) {
  const std::string rows = "x 1 100 rs1 A G 0.25\nx 2 200 rs2 C T -0.0015\nx 22 300 rs3 AT A 0\n";
  const std::map<std::string, std::string> numbers = {
      {"chr_name", "2"},      {"chr_position", "3"}, {"rsID", "4"},
      {"effect_allele", "5"}, {"other_allele", "6"}, {"effect_weight", "7"}};
  EXPECT_EQ(ReadAll(rows, Columns(numbers)), kLines);
  const std::string named = "note C P I EA NEA W\n" + rows;
  EXPECT_EQ(ReadAll(named, Columns({{"chr", "C"},
                                    {"pos", "P"},
                                    {"id", "I"},
                                    {"effect_allele", "EA"},
                                    {"other_allele", "NEA"},
                                    {"weight", "W"}})),
            kLines);
  ScoreReading by_number = Columns(numbers);
  by_number.header = ScoreReading::Header::kPresent;
  EXPECT_EQ(ReadAll(named, by_number), kLines);
  EXPECT_EQ(ReadAll("#" + named, by_number), kLines);
  // The layout's other columns stay, the one that is named is replaced.
  ScoreReading over = Layout("ldpred2");
  over.columns = {{"weight", "beta_inf"}};
  EXPECT_EQ(ReadAll("chr pos rsid a0 a1 beta_inf beta_auto\n1 100 rs1 G A 0.25 7\n", over),
            std::vector<Line>{kLines[0]});
}

TEST(ScoreLayout, SeveralWeightColumnsAreSeveralScores) {
  ScoreReading reading = Columns({{"id", "1"}, {"a1", "2"}, {"weight", "3-5"}});
  ScoreFileReader reader(WriteFile("grid.txt", "rs1 A 1 0 3\nrs2 C 4 5 6\n"), reading);
  EXPECT_EQ(reader.scores(), (std::vector<std::string>{"grid_3", "grid_4", "grid_5"}));
  ScoreLine row;
  ASSERT_TRUE(reader.Next(row));
  EXPECT_EQ(row.weights, (std::vector<std::pair<uint32_t, double>>{{0, 1}, {2, 3}}));
  reading.columns["weight"] = "w1,w3";
  reading.header = ScoreReading::Header::kPresent;
  ScoreFileReader named(WriteFile("named.txt", "ID A1 w1 w2 w3\nrs1 A 1 2 3\n"), reading);
  EXPECT_EQ(named.scores(), (std::vector<std::string>{"w1", "w3"}));
}

TEST(ScoreLayout, FaultsNameFileLineAndRemedy) {
  const auto fault = [](const std::string& text, const ScoreReading& reading) {
    const Error e = Thrown([&] { ReadAll(text, reading); });
    EXPECT_FALSE(e.remedy().empty());
    return e;
  };
  // A header where none is expected is a row whose weight is no number.
  const Error header = fault("SNP A1 W\nrs1 A 1\n", Layout("plink"));
  EXPECT_EQ(header.id(), ErrorId::kMalformed);
  EXPECT_EQ(header.line(), 1u);
  EXPECT_NE(header.remedy().find("header: present"), std::string::npos);
  // A missing header would swallow the first row.
  ScoreReading present = Layout("plink");
  present.header = ScoreReading::Header::kPresent;
  const Error swallowed = fault("rs1 A 1\nrs2 A 2\n", present);
  EXPECT_EQ(swallowed.id(), ErrorId::kFormatUnknown);
  EXPECT_EQ(swallowed.line(), 1u);
  EXPECT_EQ(swallowed.value(), "1");
  const Error absent = fault("SNP A1 BETA\nrs1 A 1\n", Columns({{"id", "SNP"}, {"a1", "EA"}}));
  EXPECT_EQ(absent.id(), ErrorId::kColumnMissing);
  EXPECT_EQ(absent.value(), "EA");
  EXPECT_NE(absent.remedy().find("SNP, A1, BETA"), std::string::npos);
  EXPECT_EQ(fault("rs1 A 1\n", Columns({{"id", "1"}, {"a1", "2"}, {"weight", "4"}})).id(),
            ErrorId::kColumnMissing);
  EXPECT_EQ(fault("rs1 A 1\n", Columns({{"colour", "1"}})).id(), ErrorId::kBadArgument);
  EXPECT_EQ(fault("chr pos a0 a1 beta_auto beta_inf\n1 1 A C 1 1\n", Layout("ldpred2")).id(),
            ErrorId::kFormatUnknown);
  EXPECT_EQ(fault("SNP CHR BP A2 BETA\nr 1 1 A 1\n", Layout("prsice")).id(),
            ErrorId::kFormatUnknown);
  // Six columns without names: PRS-CS is one of the tools whose layout the remedy names.
  EXPECT_NE(fault("1\trs1\t100\tA\tG\t1\n", {}).remedy().find("prs-cs"), std::string::npos);
  const Error cut = fault("1\trs1\t100\tA\tG\t1\n1\trs2\t200\tA\n", Layout("prs-cs"));
  EXPECT_EQ(cut.id(), ErrorId::kMalformed);
  EXPECT_EQ(cut.line(), 2u);
  const Error longer = fault("rs1 A 1\nrs2 A 1 1\n", Layout("plink"));
  EXPECT_EQ(longer.line(), 2u);
}

// The default form of plink2 --score. Nothing else without names is guessed at.
TEST(ScoreLayout, ATableOfIdAlleleAndNumberNeedsNoNames) {
  const std::string text = "rs1 A 0.25\nrs2\tC -0.0015\nrs3 AT 0\n";
  ScoreFileReader reader(WriteFile("plain.txt", text));
  ASSERT_EQ(reader.warnings().size(), 1u);
  EXPECT_NE(reader.warnings()[0].find("plain.txt"), std::string::npos);
  EXPECT_EQ(reader.scores(), std::vector<std::string>{"plain"});
  EXPECT_FALSE(reader.has_positions());
  const auto guessed = ReadAll(text, {}), told = ReadAll(text, Layout("plink"));
  ASSERT_EQ(guessed.size(), told.size());
  for (size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(guessed[i].id, told[i].id);
    EXPECT_EQ(guessed[i].effect, told[i].effect);
    EXPECT_EQ(guessed[i].weight, told[i].weight);
    EXPECT_EQ(guessed[i].line, told[i].line);
  }
  ScoreReading present;
  present.header = ScoreReading::Header::kPresent;
  EXPECT_EQ(Thrown([&] { ReadAll(text, present); }).id(), ErrorId::kFormatUnknown);
  for (const char* other :
       {"rs1 A 0.25 1\n", "rs1 A x\n", "rs1 R 0.25\n", "rs1 A\n", "1 100 A\n", "#rs1 A 0.25\n"}) {
    EXPECT_EQ(Thrown([&] { ReadAll(other, {}); }).id(), ErrorId::kFormatUnknown) << other;
  }
}

constexpr char kHeader[] = "chr_name\tchr_position\teffect_allele\tother_allele\t";

TEST(ScoreRatios, AreRefusedUnlessTheirLogarithmIsAskedFor) {
  const std::string typed = "#weight_type=OR\n" + std::string(kHeader) +
                            "effect_weight\n1\t1\tA\tC\t1.25\n1\t2\tA\tC\t0.8\n";
  const Error refused = Thrown([&] { ReadAll(typed, {}); });
  EXPECT_EQ(refused.id(), ErrorId::kUnsupportedEffect);
  EXPECT_EQ(refused.field(), "weight_type");
  EXPECT_EQ(refused.value(), "OR");
  EXPECT_NE(refused.remedy().find("ratios: log"), std::string::npos);
  ScoreReading log;
  log.ratios = Ratios::kLog;
  const auto lines = ReadAll(typed, log);
  EXPECT_EQ(lines.at(0).weight, std::log(1.25));
  EXPECT_EQ(lines.at(1).weight, std::log(0.8));
  ScoreReading as_is;
  as_is.ratios = Ratios::kAsIs;
  EXPECT_EQ(ReadAll(typed, as_is).at(0).weight, 1.25);
  const auto of_type = [](const std::string& type, const ScoreReading& reading) {
    const std::string line = "effect_weight\n1\t1\tA\tC\t2\n";
    return ReadAll("#weight_type=" + type + "\n" + kHeader + line, reading).at(0).weight;
  };
  for (const char* ratio : {"Odds Ratio (OR)", "ORs", "hazard ratios", "relative risk", "OR/HR"}) {
    EXPECT_EQ(Thrown([&] { of_type(ratio, {}); }).id(), ErrorId::kUnsupportedEffect) << ratio;
  }
  // A weight_type that is none of the ratios is left alone, whatever was asked for.
  for (const char* effect :
       {"beta", "log(OR)", "log odds ratio", "ln(HR)", "NR", "effect for carriers"}) {
    EXPECT_EQ(of_type(effect, log), 2) << effect;
  }
}

TEST(ScoreRatios, AColumnOfRatiosStandsForWeights) {
  const std::string text = std::string(kHeader) + "HR\n1\t1\tA\tC\t2\n";
  EXPECT_EQ(Thrown([&] { ReadAll(text, {}); }).id(), ErrorId::kFormatUnknown);
  ScoreReading log;
  log.ratios = Ratios::kLog;
  EXPECT_EQ(ReadAll(text, log).at(0).weight, std::log(2.0));
  ScoreReading prsice = Layout("prsice");
  prsice.ratios = Ratios::kLog;
  EXPECT_EQ(ReadAll("SNP CHR BP A1 A2 OR\nrs1 1 1 A C 0.5\n", prsice).at(0).weight, std::log(0.5));
  // Weights win where both are there.
  EXPECT_EQ(
      ReadAll(std::string(kHeader) + "effect_weight\tOR\n1\t1\tA\tC\t0.1\t1.1\n", log).at(0).weight,
      0.1);
  EXPECT_EQ(Thrown([&] { ReadAll(std::string(kHeader) + "OR\tHR\n1\t1\tA\tC\t2\t2\n", log); }).id(),
            ErrorId::kFormatUnknown);
}

TEST(ScoreRatios, NothingHasALogarithmBelowZero) {
  ScoreReading log;
  log.ratios = Ratios::kLog;
  for (const char* bad : {"0", "-0.5", "-0"}) {
    const Error e = Thrown([&] {
      ReadAll(std::string(kHeader) + "OR\n1\t1\tA\tC\t1.1\n1\t2\tA\tC\t" + bad + "\n", log);
    });
    EXPECT_EQ(e.id(), ErrorId::kMalformed) << bad;
    EXPECT_EQ(e.line(), 3u);
    EXPECT_EQ(e.field(), "OR");
    EXPECT_EQ(e.value(), bad);
    EXPECT_FALSE(e.remedy().empty());
  }
}

TEST(ScoreFrequencies, OfTheEffectAlleleAreReadAndChecked) {
  const auto read = [](const std::string& column, const std::string& value) {
    ScoreFileReader reader(WriteFile("f.txt", std::string(kHeader) + "effect_weight\t" + column +
                                                  "\n1\t1\tA\tC\t1\t" + value + "\n"));
    ScoreLine row;
    EXPECT_TRUE(reader.Next(row));
    return row.effect_freq;
  };
  EXPECT_EQ(read("allelefrequency_effect", "0.25"), 0.25);
  EXPECT_EQ(read("allelefrequency_effect_European", "0.25"), 0.25);
  EXPECT_EQ(read("EAF", "1"), 1);
  EXPECT_TRUE(std::isnan(read("EAF", "NA")));
  EXPECT_TRUE(std::isnan(read("MAF", "0.1")));  // not of the effect allele
  for (const char* bad : {"1.01", "-0.1", "25%", "0,3"}) {
    const Error e = Thrown([&] { read("allelefrequency_effect", bad); });
    EXPECT_EQ(e.id(), ErrorId::kMalformed) << bad;
    EXPECT_EQ(e.line(), 2u);
    EXPECT_EQ(e.field(), "allelefrequency_effect");
  }
}

TEST(ScoreFile, UnknownColumnsCanBeAnError) {
  const std::string text = std::string(kHeader) + "effect_weight\tmine\n1\t1\tA\tC\t1\tx\n";
  EXPECT_EQ(ReadAll(text, {}).size(), 1u);
  ScoreReading strict;
  strict.refuse_unknown_columns = true;
  const Error e = Thrown([&] { ReadAll(text, strict); });
  EXPECT_EQ(e.id(), ErrorId::kFormatUnknown);
  EXPECT_EQ(e.field(), "mine");
}

TEST(ScoreLayout, WeightsThatPlinkTablesHoldBesideTheFirstAreTold) {
  const auto told = [](const std::string& text, ScoreReading reading) {
    const ScoreFileReader reader(WriteFile("p.txt", text), std::move(reading));
    EXPECT_EQ(reader.scores().size(), reader.columns().weights.size());
    return reader.warnings();
  };
  ScoreReading plink = Layout("plink");
  EXPECT_TRUE(told("rs1 A 1\n", plink).empty());
  EXPECT_EQ(told("rs1 A 1 2\n", plink),
            std::vector<std::string>{
                "p.txt: layout plink takes its weights from one column, column 3; column 4 to the "
                "right of it is not read: --columns effect_weight=3-4 (scores.tables.columns) "
                "takes each as a score"});
  plink.header = ScoreReading::Header::kPresent;
  const std::string three = "ID A1 S1 S2 S3\nrs1 A 1 2 3\n";
  ASSERT_EQ(told(three, plink).size(), 1u);
  EXPECT_NE(told(three, plink)[0].find("one column, S1; 2 columns"), std::string::npos);
  plink.columns = {{"effect_weight", "3-5"}};
  EXPECT_TRUE(told(three, plink).empty());
}

TEST(ScoreParts, GoOnWhereTheScoreEnded) {
  ScoreReading reading = Layout("prs-cs");
  reading.name = "joined";
  ScoreLines lines;
  ScoreFileReader first(WriteFile("chr1.txt", "1\trs1\t1\tA\tC\t1\n1\trs2\t2\tA\tC\t2\n"), reading);
  AppendScoreFile(first, "chr1.txt", false, lines);
  ScoreFileReader second(WriteFile("chr2.txt", "2\trs3\t1\tA\tC\t3\n"), reading);
  ContinueScore(second, "chr2.txt", false, lines);
  ASSERT_EQ(lines.scores().size(), 1u);
  EXPECT_EQ(lines.scores()[0].name, "joined");
  ASSERT_EQ(lines.scores()[0].entries.size(), 3u);
  EXPECT_EQ(lines.row_nr(2), 2u);
  EXPECT_EQ(lines.scores()[0].entries[2].weight, 3);
  ScoreFileReader wide(WriteFile("w.txt", "rs1 A 1 2\n"),
                       Columns({{"id", "1"}, {"a1", "2"}, {"weight", "3-4"}}));
  EXPECT_EQ(Thrown([&] { ContinueScore(wide, "w.txt", false, lines); }).id(),
            ErrorId::kFormatUnknown);
}

}  // namespace
}  // namespace kinflow
