// Transmission of scores to cases: values of R's t.test, and of sandwich's vcovCL(lm(d ~ 1),
// cluster, type = "HC0"), on
//   i <- 0:59; m <- i %% 40; mo <- sin(1.3 * m); fa <- cos(.7 * m)
//   ch <- (mo + fa) / 2 + .4 * sin(2.1 * i) + .1; y <- as.numeric(i %% 3 == 0); mid <- (mo + fa) /
//   2 d <- (ch - mid) / sd(mid[!duplicated(m)]) case <- y == 1; sib <- !case & m %in% m[case]
#include <gtest/gtest.h>

#include <cmath>

#include "stages/family/analysis.h"
#include "stages/family/fit.h"
#include "stages/family/transmission_check.h"
#include "tests/unit/family/reference.h"

namespace kinflow::family::test {
namespace {

Table Data(double scale = 1, double shift = 0) {
  Table::Doubles mother, father, child, y, z;
  Table::Ints m_id;
  for (int i = 0; i < 60; ++i) {
    const int m = i % 40;
    m_id.push_back(m);
    mother.push_back(std::sin(1.3 * m));
    father.push_back(std::cos(0.7 * m));
    child.push_back((mother.back() + father.back()) / 2 + 0.4 * std::sin(2.1 * i) + 0.1);
    y.push_back(i % 3 == 0 ? 1 : 0);
    z.push_back(2 * child.back() + 0.5 * std::cos(3.0 * i));
  }
  for (auto* scores : {&mother, &father, &child}) {
    for (double& score : *scores) score = scale * score + shift;
  }
  Table table;
  table.Add("m_id", m_id);
  table.Add("y", y);
  table.Add("z", z);
  table.Add("a.mother", mother);
  table.Add("a.father", father);
  table.Add("a.child", child);
  return table;
}

FitOptions Options(const std::string& outcome) {
  FitOptions options;
  options.model = "ptdt";
  options.formula = outcome + " ~ a.child + a.mother + a.father";
  options.cluster = "m_id";
  return options;
}

double Get(const FitResult& fit, const std::string& table, const std::string& row,
           const std::string& se_type, const std::string& column) {
  const Table& t = fit.tables.at(table);
  const int64_t r =
      FindRow(t, {{table == "estimates" ? "term" : "contrast", row}, {"se_type", se_type}});
  EXPECT_GE(r, 0) << table << " " << row;
  return r < 0 ? kNa : t.DoublesOf(column)[static_cast<size_t>(r)];
}

TEST(Ptdt, MeansOfCasesSiblingsAndOthersAreThoseOfStudentsTest) {
  const FitResult fit = FitColumns(Data(), Options("y"));
  ASSERT_TRUE(fit.failures.empty()) << fit.failures[0].Format();
  const auto get = [&](const char* row, const char* column) {
    return Get(fit, "estimates", row, "const", column);
  };
  EXPECT_NEAR(get("cases", "estimate"), 0.3163226993851, 1e-10);
  EXPECT_NEAR(get("cases", "std_error"), 0.01696557286778, 1e-11);
  EXPECT_NEAR(get("cases", "p_value") / 1.135581721831e-13, 1, 1e-8);
  EXPECT_NEAR(get("cases", "conf_low"), 0.2808133472760, 1e-10);
  EXPECT_EQ(get("cases", "df"), 19);
  EXPECT_NEAR(get("siblings of cases", "p_value"), 0.3670485807315, 1e-10);
  EXPECT_NEAR(get("siblings of cases", "conf_high"), 0.5520824169200, 1e-10);
  EXPECT_NEAR(get("not cases", "statistic"), 1.22406494404189, 1e-9);
  EXPECT_EQ(get("not cases", "df"), 39);
  // t.test(d[case], d[sib])
  const auto difference = [&](const char* column) {
    return Get(fit, "contrasts", "cases - siblings of cases", "const", column);
  };
  EXPECT_NEAR(difference("statistic"), 0.8442223983873, 1e-9);
  EXPECT_NEAR(difference("df"), 12.2204438130203, 1e-8);
  EXPECT_NEAR(difference("p_value"), 0.4147665363881, 1e-10);
}

TEST(Ptdt, ClusteredErrorsAreThoseOfSandwich) {
  const FitResult fit = FitColumns(Data(), Options("y"));
  EXPECT_NEAR(Get(fit, "estimates", "not cases", "CR1", "std_error"), 0.08266632554595, 1e-11);
  EXPECT_EQ(Get(fit, "estimates", "not cases", "CR1", "df"), 32);
  EXPECT_NEAR(Get(fit, "contrasts", "cases - siblings of cases", "CR1", "std_error"),
              0.1907768017148, 1e-10);
  EXPECT_NEAR(Get(fit, "contrasts", "cases - not cases", "CR1", "estimate"), 0.18685461753498,
              1e-10);
  EXPECT_NEAR(Get(fit, "contrasts", "cases - not cases", "CR1", "std_error"), 0.09411679277946,
              1e-11);
}

TEST(Ptdt, CasesMayBeThoseFarFromTheMean) {
  FitOptions options = Options("z");
  EXPECT_EQ(FitColumns(Data(), options).failures.size(), 1U);
  options.model_options.cases_beyond_sd = 0.5;
  const FitResult high = FitColumns(Data(), options);
  EXPECT_NEAR(Get(high, "estimates", "cases", "const", "estimate"), 0.4616373909860, 1e-10);
  EXPECT_EQ(Get(high, "estimates", "cases", "const", "df"), 18);
  options.model_options.cases_beyond_sd = -0.5;
  const FitResult low = FitColumns(Data(), options);
  EXPECT_NEAR(Get(low, "estimates", "cases", "const", "estimate"), 0.00838799060102, 1e-10);
  const Table& rows = low.tables.at("rows");
  const int64_t cases = FindRow(rows, {{"quantity", "n_cases"}});
  ASSERT_GE(cases, 0);  // what share/ hides few cases by
  EXPECT_EQ(rows.IntsOf("count")[static_cast<size_t>(cases)], 18);
  options.model_options.cases_beyond_sd = 9;
  const FitResult none = FitColumns(Data(), options);
  ASSERT_EQ(none.failures.size(), 1U);
  EXPECT_EQ(none.failures[0].id(), ErrorId::kTooFewRows);
}

TEST(Ptdt, AScoreMovedByAConstantOrTurnedRoundGivesTheSameTest) {
  const double p = Get(FitColumns(Data(), Options("y")), "estimates", "cases", "CR1", "statistic");
  const FitResult fit = FitColumns(Data(-3, 7), Options("y"));
  EXPECT_NEAR(Get(fit, "estimates", "cases", "CR1", "statistic"), -p, 1e-9);
}

TEST(Ptdt, WithoutMothersNobodyIsASibling) {
  FitOptions options = Options("y");
  EXPECT_TRUE(FitColumns(Data(), options).warnings.empty());
  options.cluster.clear();
  const FitResult fit = FitColumns(Data(), options);
  ASSERT_EQ(fit.warnings.size(), 1U);
  EXPECT_NE(fit.warnings[0].find("name the column of mothers"), std::string::npos);
  EXPECT_TRUE(std::isnan(Get(fit, "estimates", "siblings of cases", "const", "estimate")));
}

TEST(Ptdt, OtherFormulasAreRefused) {
  for (const char* formula : {"y ~ a.child + a.mother", "y ~ a.child + a.mother + m_id",
                              "y ~ a.child * a.mother", "y ~ a.child + a.mother + I(a.father^2)"}) {
    FitOptions options = Options("y");
    options.formula = formula;
    const FitResult fit = FitColumns(Data(), options);
    ASSERT_EQ(fit.failures.size(), 1U) << formula;
    EXPECT_NE(fit.failures[0].Format().find("pgs.child + pgs.mother + pgs.father"),
              std::string::npos);
  }
}

TEST(Ptdt, ScalesOfTheirOwnAndOutcomesOfParentsAreRefused) {
  AnalysisOptions options;
  options.id = "a";
  options.model = "ptdt";
  options.formula = "y ~ pgs.child + pgs.mother + pgs.father";
  options.outcome_of = "child";
  ModelFrame roles;
  for (const char* member : {"child", "mother", "father"}) {
    roles.info[std::string("pgs.") + member] = {member, "s"};
  }
  const Formula formula = ParseFormula(options.formula);
  EXPECT_TRUE(CheckTransmission(options, formula, roles).empty());
  options.standardise = Standardise::kOwn;
  options.outcome_of = "mother";
  EXPECT_EQ(CheckTransmission(options, formula, roles).size(), 2U);
  roles.info["pgs.father"].pgs = "other";
  EXPECT_EQ(CheckTransmission(options, formula, roles).size(), 3U);
  options.model = "ols";
  EXPECT_TRUE(CheckTransmission(options, formula, roles).empty());
}

}  // namespace
}  // namespace kinflow::family::test
