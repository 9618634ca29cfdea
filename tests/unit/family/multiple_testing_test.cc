// Case H of tests/conformance: R's p.adjust.
#include "stages/family/multiple_testing.h"

#include <gtest/gtest.h>

#include "stages/family/analysis.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

TEST(MultipleTesting, EqualsPAdjust) {
  const Tsv reference = ReadTsv(ConformanceFile("ref/h_adjusted.tsv"));
  std::vector<double> p;
  for (const auto& row : reference.rows) p.push_back(NumberOf(row[reference.Column("p")]));
  const std::vector<std::pair<std::string, Adjust>> methods{
      {"bonferroni", Adjust::kBonferroni}, {"holm", Adjust::kHolm}, {"hochberg", Adjust::kHochberg},
      {"hommel", Adjust::kHommel},         {"BH", Adjust::kBh},     {"BY", Adjust::kBy}};
  size_t missing = 0;
  for (const auto& [name, method] : methods) {
    const auto ours = AdjustP(p, method);
    for (size_t r = 0; r < p.size(); ++r) {
      const double expected = NumberOf(reference.At(r, name));
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(ours[r])) << name << " row " << r;
        ++missing;
      } else {
        EXPECT_LE(RelativeError(ours[r], expected), 1e-12) << name << " row " << r;
      }
    }
  }
  EXPECT_GT(missing, 0u);  // the case holds missing p values
}

// R: p.adjust(c(.001, .012, NA, .03, .04), method, n = 50), and n = 7 for what is below 1 there.
TEST(MultipleTesting, EqualsPAdjustWithMoreTests) {
  const double na = std::nan("");
  const std::vector<double> p{0.001, 0.012, na, 0.03, 0.04};
  struct Case {
    Adjust method;
    size_t tests;
    std::vector<double> expected;
  };
  const Case cases[] = {{Adjust::kBonferroni, 50, {0.05, 0.6, na, 1, 1}},
                        {Adjust::kHolm, 50, {0.05, 0.588, na, 1, 1}},
                        {Adjust::kHochberg, 50, {0.05, 0.588, na, 1, 1}},
                        {Adjust::kHommel, 50, {0.05, 0.588, na, 1, 1}},
                        {Adjust::kBh, 50, {0.05, 0.3, na, 0.5, 0.5}},
                        {Adjust::kBy, 50, {0.224960266916471, 1, na, 1, 1}},
                        {Adjust::kBonferroni, 7, {0.007, 0.084, na, 0.21, 0.28}},
                        {Adjust::kHolm, 7, {0.007, 0.072, na, 0.15, 0.16}},
                        {Adjust::kHochberg, 7, {0.007, 0.072, na, 0.15, 0.16}},
                        {Adjust::kHommel, 7, {0.007, 0.072, na, 0.12, 0.16}},
                        {Adjust::kBh, 7, {0.007, 0.042, na, 0.07, 0.07}},
                        {Adjust::kBy, 7, {0.01815, 0.1089, na, 0.1815, 0.1815}}};
  for (const auto& c : cases) {
    const auto ours = AdjustP(p, c.method, c.tests);
    for (size_t i = 0; i < p.size(); ++i) {
      if (std::isnan(p[i])) {
        EXPECT_TRUE(std::isnan(ours[i]));
      } else {
        EXPECT_NEAR(ours[i], c.expected[i], 1e-12) << i << " of " << c.tests;
      }
    }
  }
  EXPECT_EQ(AdjustP(p, Adjust::kBh, 4)[0], AdjustP(p, Adjust::kBh)[0]);
  EXPECT_THROW(AdjustP(p, Adjust::kBh, 3), Error);
}

Table SmallEstimates() {
  Table table;
  table.Add("role", Table::Strings{"mother", "father", "child", "covariate", "mother", "father",
                                   "child", "mother"});
  table.Add("model_id",
            Table::Strings{"trio", "trio", "trio", "trio", "trio", "trio", "trio", "mother"});
  table.Add("effect", Table::Strings{"direct", "indirect", "indirect", "NA", "direct", "indirect",
                                     "indirect", "total"});
  table.Add("pgs", Table::Strings{"a", "a", "a", "NA", "b", "b", "b", "a"});
  table.Add("se_type", Table::Strings(8, "HC3"));
  table.Add("p_value", Table::Doubles{0.01, 0.02, 0.03, 0.001, 0.04, 0.5, 0.6, 0.07});
  table.Add("p_bh", Table::Doubles(8, std::nan("")));
  table.Add("p_bonf", Table::Doubles(8, std::nan("")));
  table.Add("p_meff", Table::Doubles(8, std::nan("")));
  table.Add("family", Table::Strings(8, "NA"));
  return table;
}

TEST(MultipleTesting, FamiliesByEffectAndRole) {
  const Table out = WithAdjustedP(SmallEstimates(), {"effect"}, {"trio"});
  const auto& bonf = out.DoublesOf("p_bonf");
  const auto& family = out.StringsOf("family");
  EXPECT_EQ(family[0], "direct");
  EXPECT_EQ(family[1], "indirect-father");
  EXPECT_EQ(family[2], "indirect-child");
  EXPECT_EQ(family[3], "NA");
  EXPECT_EQ(family[7], "NA");  // not the tested model
  EXPECT_DOUBLE_EQ(bonf[0], 0.02);
  EXPECT_DOUBLE_EQ(bonf[1], 0.04);
  EXPECT_DOUBLE_EQ(bonf[5], 1.0);
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bh")[0], 0.02);
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bh")[4], 0.04);
  EXPECT_TRUE(std::isnan(bonf[3]));
  EXPECT_TRUE(std::isnan(bonf[7]));
}

// Named terms in place of the members' scores; what has no effect is one family by that key.
TEST(MultipleTesting, FamiliesOfNamedTerms) {
  Table table = SmallEstimates();
  table.Add("predictor", Table::Strings{"pgs_m", "pgs.father", "pgs.child", "pgs_f", "pgs.mother",
                                        "pgs.father", "pgs.child", "pgs_m"});
  const Table out = WithAdjustedP(table, {"effect"}, {"trio"}, {}, 50, {"pgs_f"});
  EXPECT_EQ(out.StringsOf("family")[3], "all");
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bonf")[3], 0.05);
  EXPECT_EQ(out.StringsOf("family")[0], "NA");
  EXPECT_TRUE(std::isnan(out.DoublesOf("p_bonf")[0]));
}

TEST(MultipleTesting, FamiliesOfSeveralAnalyses) {
  const auto with_id = [](const Table& table, const char* id) {
    Table out;
    out.Add("analysis_id", Table::Strings(table.rows(), id));
    const Table adjusted = WithAdjustedP(table, {"effect"}, {"trio"}, {{"mother", 0.5}});
    for (size_t c = 0; c < adjusted.columns(); ++c) out.Add(adjusted.name(c), adjusted.column(c));
    for (const char* name : {"p_holm", "p_hochberg", "p_hommel", "p_by"}) {
      out.Add(name, Table::Doubles(table.rows(), std::nan("")));
    }
    return out;
  };
  Table together = with_id(SmallEstimates(), "a");
  together.Append(with_id(SmallEstimates(), "b"));
  together.Append(with_id(SmallEstimates(), "c"));
  std::vector<std::string> warnings;
  const Table out = AdjustedAcross(together, {{"a", {"x", 0}}, {"c", {"x", 0}}}, warnings);
  // Of mothers: .01 and .04 in a and in c; those of b stay by themselves.
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bonf")[0], 0.04);
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bonf")[16], 0.04);
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bonf")[8], 0.02);
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_holm")[4], 0.08);
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bh")[0], 0.02);
  EXPECT_TRUE(std::isnan(out.DoublesOf("p_meff")[0]));
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_meff")[8], 0.01);
  EXPECT_TRUE(std::isnan(out.DoublesOf("p_bonf")[3]));  // a covariate
  const Table fifty = AdjustedAcross(together, {{"a", {"x", 50}}, {"c", {"x", 50}}}, warnings);
  EXPECT_DOUBLE_EQ(fifty.DoublesOf("p_bonf")[0], 0.5);
  EXPECT_TRUE(warnings.empty());
  // Fewer tests than there are, and those of an analysis that is not there: no number is right.
  const std::map<std::string, AcrossAnalyses> few{{"a", {"x", 3}}, {"c", {"x", 3}}},
      lacking{{"a", {"x", 0}}, {"c", {"x", 0}}, {"gone", {"x", 0}}};
  for (const auto& across : {few, lacking}) {
    warnings.clear();
    const Table none = AdjustedAcross(together, across, warnings);
    EXPECT_TRUE(std::isnan(none.DoublesOf("p_bonf")[0]));
    EXPECT_TRUE(std::isnan(none.DoublesOf("p_holm")[16]));
    EXPECT_DOUBLE_EQ(none.DoublesOf("p_bonf")[8], 0.02);
    EXPECT_FALSE(warnings.empty());
  }
}

// What an artifact of an analysis keeps depends on whether others are adjusted with it.
TEST(MultipleTesting, FamiliesAcrossAnalysesAreOfTheKey) {
  AnalysisOptions alone, together;
  alone.family_tests = together.family_tests = 50;
  together.family_across = "g";
  EXPECT_NE(alone.ToJson(), together.ToJson());
}

TEST(MultipleTesting, HommelOfFewTests) {
  EXPECT_EQ(AdjustP({0.03}, Adjust::kHommel), (std::vector<double>{0.03}));
  EXPECT_EQ(AdjustP({0.04, 0.03}, Adjust::kHommel), (std::vector<double>{0.04, 0.04}));  // Hochberg
}

TEST(MultipleTesting, EffectiveTestsOfCorrelatedScores) {
  const Table out = WithAdjustedP(SmallEstimates(), {"effect"}, {"trio"}, {{"mother", 0.75}});
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_meff")[0], 0.01 * 2 * 0.75);
  EXPECT_TRUE(std::isnan(out.DoublesOf("p_meff")[1]));
  const Table one = WithAdjustedP(SmallEstimates(), {"effect"}, {"trio"}, {{"mother", 0.1}});
  EXPECT_DOUBLE_EQ(one.DoublesOf("p_meff")[0], 0.01);  // one test at least
}

TEST(MultipleTesting, OneFamilyAndUnknownKey) {
  const Table out = WithAdjustedP(SmallEstimates(), {}, {"trio"});
  EXPECT_DOUBLE_EQ(out.DoublesOf("p_bonf")[0], 0.06);
  try {
    WithAdjustedP(SmallEstimates(), {"efect"}, {"trio"});
    FAIL() << "unknown key accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.id(), ErrorId::kConfigReference);
    EXPECT_EQ(error.value(), "efect");
  }
}

}  // namespace
}  // namespace kinflow::family::test
