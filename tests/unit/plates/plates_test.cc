// Expected numbers of tests are those of R 4.2: mantelhaen.test, chisq.test, aov, wilcox.test.
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/base/error.h"
#include "pipeline/base/file.h"
#include "stages/plates/cmh.h"
#include "stages/plates/effects_stage.h"
#include "stages/plates/group_tests.h"
#include "stages/plates/layout.h"
#include "stages/plates/plates_stage.h"
#include "tests/support/test_data.h"

namespace kinflow::plates {
namespace {

const AlleleCounts kMales{{10, 14, 3}, {40, 50, 36}}, kFemales{{22, 9, 11}, {60, 44, 50}};

TEST(CmhTest, IsThatOfR) {
  const std::vector<AlleleCounts> strata = {kMales, kFemales};
  const CmhResult result = CmhTest(strata);
  EXPECT_NEAR(result.chi2, 6.02277634801, 1e-10);
  EXPECT_EQ(result.df, 2u);
  EXPECT_NEAR(result.p, 0.0492233008046, 1e-12);
}

TEST(CmhTest, OneStratumIsPearsonsTest) {
  // Another one in which all alleles are the same has nothing to say.
  const std::vector<AlleleCounts> strata = {kMales, {{0, 0, 0}, {4, 6, 8}}};
  EXPECT_NEAR(CmhTest(strata).chi2, 5.21043771044, 1e-10);
}

TEST(CmhTest, LevelsThatShareNoStratumAreNotCompared) {
  // Plates of males alone and of females alone, in turn: the sum of both tests.
  const std::vector<AlleleCounts> strata = {{{10, 0, 14, 0, 3, 0}, {40, 0, 50, 0, 36, 0}},
                                            {{0, 22, 0, 9, 0, 11}, {0, 60, 0, 44, 0, 50}}};
  const CmhResult result = CmhTest(strata);
  EXPECT_NEAR(result.chi2, 9.5833841390091, 1e-10);
  EXPECT_EQ(result.df, 4u);
  EXPECT_NEAR(result.p, 0.048061800747924, 1e-12);
  // A plate of both joins all others.
  const std::vector<AlleleCounts> joined = {{{10, 0, 14, 0, 3}, {40, 0, 50, 0, 36}},
                                            {{0, 22, 0, 9, 11}, {0, 60, 0, 44, 50}}};
  EXPECT_EQ(CmhTest(joined).df, 4u);
  EXPECT_NEAR(CmhTest(joined).chi2, 9.583384139009, 1e-9);
}

TEST(CmhTest, LevelsWithoutAllelesDoNotCount) {
  const std::vector<AlleleCounts> strata = {{{10, 0, 14, 3}, {40, 0, 50, 36}},
                                            {{22, 0, 9, 11}, {60, 0, 44, 50}}};
  const CmhResult result = CmhTest(strata);
  EXPECT_NEAR(result.chi2, 6.02277634801, 1e-10);
  EXPECT_EQ(result.df, 2u);
}

TEST(CmhTest, NothingToTest) {
  const std::vector<AlleleCounts> fixed = {{{0, 0}, {10, 10}}}, one = {{{3, 0}, {10, 0}}};
  for (const auto& strata : {fixed, one, std::vector<AlleleCounts>{}}) {
    EXPECT_EQ(CmhTest(strata).df, 0u);
    EXPECT_TRUE(std::isnan(CmhTest(strata).p));
  }
}

TEST(Anova, IsThatOfR) {
  const std::vector<double> values = {1.2, 0.4, 2.2, 1.9, 0.3, 3.1, 2.8, 0.9, 99, std::nan("")};
  const std::vector<uint32_t> level = {0, 0, 1, 1, 1, 2, 2, 0, Factor::kNone, 1};
  const AnovaResult result = Anova(values, level, Factor::kNone);
  EXPECT_NEAR(result.f, 5.55423728814, 1e-10);
  EXPECT_NEAR(result.p, 0.053677090926, 1e-11);
  EXPECT_EQ(result.df2, 5);
  EXPECT_EQ(result.n, 8u);
  EXPECT_TRUE(std::isnan(Anova(values, std::vector<uint32_t>(10, 0), Factor::kNone).p));
}

TEST(RankSum, IsThatOfR) {
  EXPECT_NEAR(RankSum({.99, .98, .985, .97, .99}, {.995, .99, .993, .999, .98, .997}).p,
              0.052477978971, 1e-11);
  EXPECT_TRUE(std::isnan(RankSum({}, {1, 2}).p));
  EXPECT_TRUE(std::isnan(RankSum({1, 1}, {1}).p));
}

SampleTablePtr People(size_t n) {
  std::vector<std::string> iids;
  for (size_t i = 0; i < n; ++i) iids.push_back("s" + std::to_string(i));
  return SampleTable::Build({}, iids, {}, "");
}

Layout Read(const std::string& text, size_t n = 3) {
  PlateOptions options;
  options.file = JoinPath(test::TempFolder(), "plates.tsv");
  WriteFileAtomically(options.file, text);
  return ReadLayout(options, *People(n));
}

TEST(ReadLayout, FactorsAndWells) {
  const Layout layout = Read(
      "IID\tPlate\tWell\tBatch\ns2\tP2\tH12\tb\ns0\tP1\tb07\tNA\n"
      "other\tP9\tA1\tb\n");
  ASSERT_EQ(layout.factors.size(), 2u);
  EXPECT_EQ(layout.factors[0].levels, (std::vector<std::string>{"P1", "P2"}));
  EXPECT_EQ(layout.factors[0].of, (std::vector<uint32_t>{0, Factor::kNone, 1}));
  EXPECT_EQ(layout.factors[1].of, (std::vector<uint32_t>{Factor::kNone, Factor::kNone, 0}));
  EXPECT_TRUE(layout.wells[2].on_edge);
  EXPECT_FALSE(layout.wells[0].on_edge);
  EXPECT_FALSE(layout.wells[1].known);
  EXPECT_EQ(layout.matched, 2u);
  EXPECT_EQ(layout.unmatched, 1u);
}

TEST(ReadLayout, ControlSamples) {
  const Layout layout = Read("IID\tcontrol\ns2\tyes\ns0\tNA\ns1\t0\n");
  EXPECT_EQ(layout.controls, (std::vector<uint8_t>{0, 0, 1}));
  EXPECT_TRUE(layout.factors.empty());
  EXPECT_EQ(Read("IID\tPlate\ns0\tP1\n").controls, (std::vector<uint8_t>(3, 0)));
}

TEST(ReadLayout, EachPlateHasTheSizeOfItsOwnWells) {
  const Layout layout = Read(
      "IID\tPlate\tWell\ns0\tP1\tH12\ns1\tP1\tP24\n"
      "s2\tP2\tH12\ns3\tP2\tD6\ns4\tNA\tH12\n",
      5);
  std::vector<bool> on_edge;
  for (const Well& well : layout.wells) on_edge.push_back(well.on_edge);
  EXPECT_EQ(on_edge, (std::vector<bool>{false, true, true, false, true}));
}

TEST(PlateOptions, TheColumnsAreInTheKeysOfStages) {
  PlateOptions options;
  options.plate = "array \"1\"";
  EffectsStage::Setup effects;
  PlatesStage::Setup people;
  const std::string before[] = {EffectsStage(effects).options(), PlatesStage(people).options()};
  effects.layout_columns = people.layout_columns = options.ColumnsJson();
  EXPECT_EQ(PlatesStage(people).options(),
            R"({"batch":"","id":"","plate":"array \"1\"","well":""})");
  EXPECT_NE(EffectsStage(effects).options(), before[0]);
  EXPECT_NE(PlatesStage(people).options(), before[1]);
  const std::string five = EffectsStage(effects).options();
  effects.small_cell = 6;
  EXPECT_NE(EffectsStage(effects).options(), five);
}

TEST(ReadLayout, RefusesWithTheLine) {
  const struct {
    const char* text;
    ErrorId id;
    uint64_t line;
  } cases[] = {
      {"IID\tPlate\tWell\ns0\tP1\tA1\ns1\tP1\tQ1\n", ErrorId::kMalformed, 3},
      {"IID\tPlate\tWell\ns0\tP1\tA25\n", ErrorId::kMalformed, 2},
      {"IID\tPlate\ns0\tP1\ns0\tP2\n", ErrorId::kMalformed, 3},
      {"IID\tcontrol\ns0\tno\ns1\tperhaps\n", ErrorId::kMalformed, 3},
      {"IID\tWell\ns0\tA1\n", ErrorId::kColumnMissing, 1},
      {"Plate\tWell\nP1\tA1\n", ErrorId::kColumnMissing, 1},
      {"IID\tPlate\nnobody\tP1\n", ErrorId::kNoCommonSamples, 0},
  };
  for (const auto& c : cases) {
    try {
      Read(c.text);
      ADD_FAILURE() << c.text;
    } catch (const Error& e) {
      EXPECT_EQ(e.id(), c.id) << c.text;
      EXPECT_EQ(e.line(), c.line) << c.text;
      EXPECT_NE(e.remedy(), "") << c.text;
    }
  }
}

TEST(PlatesTable, EdgesAreToldWhereThereAreEnoughWells) {
  std::string text = "IID\tPlate\tWell\n";
  std::vector<double> rate;
  for (int i = 0; i < 12; ++i) {
    text += "s" + std::to_string(i) + (i < 6 ? "\tP1\tA" : "\tP1\tC") + std::to_string(i % 6 + 2) +
            "\n";
    rate.push_back(i < 6 ? 0.9 + 0.001 * i : 0.99 + 0.001 * i);
  }
  text += "s12\tP2\tA1\n";
  rate.push_back(0.5);
  const Layout layout = Read(text, 13);
  const Table table = PlatesTable(layout, rate);
  EXPECT_EQ(table.StringsOf("LEVEL"), (Table::Strings{"all", "P1", "P2"}));
  EXPECT_EQ(table.IntsOf("N"), (Table::Ints{13, 12, 1}));
  EXPECT_EQ(table.IntsOf("N_EDGE"), (Table::Ints{7, 6, 1}));
  EXPECT_EQ(table.IntsOf("N_INNER"), (Table::Ints{6, 6, 0}));
  EXPECT_NEAR(table.DoublesOf("CALL_RATE_EDGE")[1], 0.9025, 1e-12);
  EXPECT_LT(table.DoublesOf("EDGE_P")[1], 0.01);
  EXPECT_TRUE(std::isnan(table.DoublesOf("EDGE_P")[2]));
  const Table wells = WellsTable(layout, rate, *People(13));
  EXPECT_EQ(wells.rows(), 13u);
  EXPECT_EQ(wells.StringsOf("WELL")[7], "C03");
  EXPECT_EQ(wells.StringsOf("EDGE")[7], "no");
}

TEST(ReadLayout, PlatesOfOneNameInTwoBatches) {
  // P1 was genotyped in parts; of P2 both batches hold well A1: two plates.
  const Layout layout = Read(
      "IID\tPlate\tWell\tBatch\ns0\tP1\tA1\tb1\ns1\tP1\tA2\tb2\ns2\tP2\tA1\tb1\n"
      "s3\tP2\tA1\tb2\ns4\tP2\tA2\tb2\n",
      5);
  EXPECT_EQ(layout.factors[0].levels, (std::vector<std::string>{"P1", "P2 (b1)", "P2 (b2)"}));
  EXPECT_EQ(layout.factors[0].of, (std::vector<uint32_t>{0, 0, 1, 2, 2}));
  const Table table = PlatesTable(layout, {1, 1, 1, 1, 1});
  EXPECT_EQ(table.IntsOf("BATCHES")[1], 2);
  EXPECT_EQ(table.IntsOf("SMALLEST_PART")[1], 1);
  EXPECT_EQ(table.IntsOf("BATCHES")[3], 1);
  EXPECT_EQ(table.IntsOf("SMALLEST_PART")[3], Table::kMissingInt);
  EXPECT_EQ(table.IntsOf("BATCHES")[0], Table::kMissingInt);
}

}  // namespace
}  // namespace kinflow::plates
