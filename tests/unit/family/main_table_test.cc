#include "stages/family/main_table.h"

#include <gtest/gtest.h>

#include "stages/family/result_text.h"
#include "stages/family/results.h"

namespace kinflow::family {
namespace {

EstimateRow Row(const std::string& model, const std::string& role, const std::string& se_type,
                double estimate, double p, double neg_log10) {
  EstimateRow row;
  row.key = {"joint", model, "scl", "NA", "mdd"};
  row.role = role;
  row.effect = role == "mother" ? "direct" : "indirect";
  row.term = "pgs." + role;
  row.estimate = estimate;
  row.conf_low = estimate - 0.05;
  row.conf_high = estimate + 0.05;
  row.se_type = se_type;
  row.p_value = p;
  row.neg_log10_p = neg_log10;
  row.n = 2685;
  return row;
}

Table Estimates() {
  Results results;
  results.estimates = {Row("mother", "mother", "CR1S", 0.24, 1e-30, 30),
                       Row("trio", "mother", "const", 0.19, 1e-10, 10),
                       Row("trio", "mother", "CR1S", 0.1935, 0, 400.301029995664),
                       Row("trio", "father", "CR1S", 0.0836, 0.000312, 3.5058454),
                       Row("trio", "child", "CR1S", 0.0429, 0.081, 1.09)};
  return MakeTables(results, {"effect"}, {"trio"}).at("estimates");
}

TEST(MainTable, LargestModelWithTheClusterRobustErrors) {
  EXPECT_EQ(MainTable(Estimates()),
            "analysis  score  member  effect    estimate            95 % CI         p     n\n"
            "joint     mdd    mother  direct      0.1935   [0.1435, 0.2435]  5.0e-401  2685\n"
            "joint     mdd    father  indirect    0.0836   [0.0336, 0.1336]   3.1e-04  2685\n"
            "joint     mdd    child   indirect    0.0429  [-0.0071, 0.0929]     0.081  2685\n"
            "standard errors: CR1S\n");
}

TEST(MainTable, BesideTheTruth) {
  MainTableOptions options;
  options.truth = {{"mdd", "mother", 0.2}, {"mdd", "child", 0.07}, {"other", "father", 1}};
  const std::string text = MainTable(Estimates(), options);
  EXPECT_NE(text.find("[0.1435, 0.2435]  0.2000"), std::string::npos) << text;
  EXPECT_NE(text.find("[0.0336, 0.1336]       -"), std::string::npos) << text;
}

// One model of several outcomes: each is named. A mediator is an outcome of a model of its own.
TEST(MainTable, SeveralOutcomes) {
  Results results;
  for (const char* outcome : {"scl", "bmi"}) {
    results.estimates.push_back(Row("trio", "mother", "CR1S", 0.2, 0.01, 2));
    results.estimates.back().key.outcome = outcome;
  }
  const auto text = [&] { return MainTable(MakeTables(results, {"effect"}, {}).at("estimates")); };
  EXPECT_NE(text().find("joint/scl "), std::string::npos) << text();
  EXPECT_NE(text().find("joint/bmi "), std::string::npos) << text();
  results.estimates.back().key.model_id = "mediator";
  EXPECT_EQ(text().find("joint/"), std::string::npos) << text();
}

// Beside products a coefficient is that where the others are at their reference, or 0.
TEST(MainTable, EffectsWithProducts) {
  Results results;
  const auto add = [&](const char* role, const char* predictor, const char* term) {
    EstimateRow row = Row("trio", role, "CR1S", 0.2, 0.01, 2);
    row.predictor = predictor;
    row.term = term;
    results.estimates.push_back(row);
  };
  add("mother", "pgs.mother", "pgs.mother");
  add("father", "pgs.father", "pgs.father");
  add("child", "pgs.child", "pgs.child");
  add("interaction", "factor(wave):pgs.mother", "factor(wave)18:pgs.mother");
  add("interaction", "factor(wave):pgs.mother", "factor(wave)30:pgs.mother");
  add("interaction", "time:pgs.father", "time:pgs.father");
  add("interaction", "sex:time:pgs.father", "sexmale:time:pgs.father");
  const std::string text = MainTable(MakeTables(results, {"effect"}, {}).at("estimates"));
  EXPECT_NE(text.find("mother  direct at reference of factor(wave)  "), std::string::npos) << text;
  EXPECT_NE(text.find("father  indirect at reference of sex, time = 0  "), std::string::npos)
      << text;
  EXPECT_NE(text.find("child   indirect  "), std::string::npos) << text;
}

// Of a withheld product the place stays; without effects nothing is said of the model.
TEST(MainTable, WithRowsThatAreWithheld) {
  Results results;
  EstimateRow row = Row("trio", "mother", "CR1S", 0.2, 0.01, 2);
  row.predictor = row.term = "pgs.mother";
  results.estimates = {row};
  const Table shared = MakeTables(results, {"effect"}, {}).at("estimates");
  row.role = "interaction";
  row.predictor = "g:pgs.mother";
  row.term = "grare:pgs.mother";
  results.estimates.push_back(row);
  const Table whole = MakeTables(results, {"effect"}, {}).at("estimates");
  MainTableOptions options;
  options.whole = &whole;
  const std::string text = MainTable(shared, options);
  EXPECT_NE(text.find("mother  direct at reference of g  "), std::string::npos) << text;
  EXPECT_EQ(text.find("rare"), std::string::npos) << text;
  results.estimates = {row};
  EXPECT_EQ(MainTable(MakeTables(results, {"effect"}, {}).at("estimates"), options), "");
}

// A slope beside a power is that at 0, and columns of a polynomial have mean 0.
TEST(MainTable, EffectsBesideFunctions) {
  Results results;
  const auto add = [&](const char* role, const char* pgs, const char* predictor, const char* term) {
    EstimateRow row = Row("trio", role, "CR1S", 0.2, 0.01, 2);
    row.key.pgs = pgs;
    row.predictor = predictor;
    row.term = term;
    results.estimates.push_back(row);
  };
  add("mother", "mdd", "pgs.mother", "pgs.mother");
  add("father", "mdd", "pgs.father", "pgs.father");
  add("child", "mdd", "pgs.child", "pgs.child");
  add("mother", "adhd", "adhd.mother", "adhd.mother");
  add("father", "adhd", "adhd.father", "adhd.father");
  add("interaction", "mdd", "I(pgs.mother^2)", "I(pgs.mother^2)");
  add("interaction", "mdd", "exp(pgs.father)", "exp(pgs.father)");
  add("mother", "mdd-2019", "mdd-2019.mother", "mdd-2019.mother");  // backquoted in a formula
  add("interaction", "mdd-2019", "I(mdd-2019.mother^2)", "I(mdd-2019.mother^2)");
  add("interaction", "mdd", "poly(m_age, 2):pgs.child", "poly(m_age, 2)1:pgs.child");
  add("interaction", "mdd", "poly(m_age, 2):pgs.child", "poly(m_age, 2)2:pgs.child");
  add("interaction", "mdd", "adhd.mother:pgs.mother", "adhd.mother:pgs.mother");
  const std::string text = MainTable(MakeTables(results, {"effect"}, {}).at("estimates"));
  for (const char* part :
       {"mother  direct at adhd.mother = 0, pgs.mother = 0  ",
        "father  indirect beside exp(pgs.father)  ", "direct at mdd-2019.mother = 0  ",
        "child   indirect at mean of poly(m_age, 2)  ", "mother  direct at pgs.mother = 0  ",
        "father  indirect  "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(MainTable, NothingToShow) {
  const Results none;
  EXPECT_EQ(MainTable(MakeTables(none, {"effect"}, {}).at("estimates")), "");
}

TEST(ResultText, ColumnsWithValues) {
  Results results;
  GroupRow low;
  low.key = {"by_group", "full", "epds", "NA", "NA"};
  low.group = "healthy";
  low.n = 120;
  low.mean = 4.20361;
  low.sd = 3;
  GroupRow high = low;
  high.group = "ill";
  high.n = 9;
  high.mean = 12.5;
  results.groups = {low, high};
  ComparisonRow test;
  test.key = low.key;
  test.added = "group";
  test.test = "F";
  test.statistic = 60.04;
  test.df1 = 1;
  test.p = 2.6e-12;
  test.neg_log10_p = 11.585;
  test.n = 129;
  results.comparisons = {test};
  const auto tables = MakeTables(results, {"effect"}, {});
  EXPECT_EQ(ResultText("groups", tables.at("groups")),
            "analysis  outcome  group      n   mean  sd\n"
            "by_group  epds     healthy  120  4.204   3\n"
            "by_group  epds     ill        9   12.5   3\n");
  EXPECT_EQ(ResultText("comparisons", tables.at("comparisons")),
            "analysis  outcome  added  test  statistic  df1        p    n\n"
            "by_group  epds     group  F         60.04    1  2.6e-12  129\n");
  EXPECT_EQ(ResultText("contrasts", tables.at("contrasts")), "");
}

}  // namespace
}  // namespace kinflow::family
